namespace Api.Problems;

/// <summary>Limits of a request's head. The server's own, which are wider, end a request before anybody can answer it with a
/// sentence.</summary>
internal static class RequestLimits
{
    private const int MaxHeaderBytes = 32 * 1024;
    private const int MaxAddressBytes = 8 * 1024;

    public static void Widen(WebApplicationBuilder builder) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestHeadersTotalSize = 8 * MaxHeaderBytes;
            kestrel.Limits.MaxRequestLineSize = 16 * MaxAddressBytes;
            kestrel.Limits.MaxRequestHeaderCount = 1000;
        });

    public static void Check(HttpRequest request)
    {
        if (request.Path.ToString().Length + request.QueryString.ToString().Length > MaxAddressBytes)
            throw new ApiException(
                StatusCodes.Status414UriTooLong,
                $"The address has more than {MaxAddressBytes / 1024} KiB. Nothing here needs a long one."
            );
        var length = 0;
        foreach (var (name, values) in request.Headers)
        {
            foreach (var value in values)
                length += name.Length + (value?.Length ?? 0);
        }
        if (length > MaxHeaderBytes)
            throw new ApiException(
                StatusCodes.Status431RequestHeaderFieldsTooLarge,
                $"The headers have more than {MaxHeaderBytes / 1024} KiB. Send fewer cookies, or none."
            );
    }
}
