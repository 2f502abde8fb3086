namespace Api.Problems;

/// <summary>Ends a request with a problem; the message is for the caller and says what to do.</summary>
internal sealed class ApiException(int status, string detail, string? field = null) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The field of the request that is to blame, or null.</summary>
    public string? Field { get; } = field;

    /// <summary>When it is worth another try; null where that is not known.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>What the caller's view of is out of date, as it is now; null where there is nothing of the kind.</summary>
    public object? Current { get; init; }

    public static ApiException BadRequest(string detail, string? field = null) => new(StatusCodes.Status400BadRequest, detail, field);

    public static ApiException UnsupportedMedia(string detail, string? field = null) =>
        new(StatusCodes.Status415UnsupportedMediaType, detail, field);

    public static ApiException TooLarge(string detail, string? field = null) => new(StatusCodes.Status413PayloadTooLarge, detail, field);

    public static ApiException NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    public static ApiException Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);
}
