using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace Web.Security;

/// <summary>
/// What the visitor of a page shows to the Api, for calls that this service makes in their name: the Api's own cookie, or the access token
/// of whoever has signed in. Read from the request for the page, and handed to the page's circuit in its state, which is encrypted.
/// </summary>
public sealed class ApiCredentials
{
    /// <summary>The cookie by which the Api knows visitors without an account.</summary>
    public const string VisitorCookie = "visitor";

    private HttpContext? _context;

    /// <summary>The visitor's cookie; null where they have none.</summary>
    [PersistentState]
    public string? Visitor { get; set; }

    /// <summary>The access token of whoever has signed in; null where nobody has.</summary>
    [PersistentState]
    public string? Token { get; set; }

    /// <summary>Whose they are: equal for calls of one visitor.</summary>
    public string Identity => Token ?? Visitor ?? "";

    /// <summary>Reads them from a request.</summary>
    public async Task ReadAsync(HttpContext context)
    {
        _context = context;
        Visitor = context.Request.Cookies[VisitorCookie];
        Token = context.User.Identity?.IsAuthenticated == true ? await context.GetTokenAsync("access_token") : null;
    }

    /// <summary>Shows them to the Api.</summary>
    public void AddTo(HttpRequestMessage request)
    {
        if (Visitor is not null)
            request.Headers.TryAddWithoutValidation("Cookie", $"{VisitorCookie}={Visitor}");
        if (Token is not null)
            request.Headers.Authorization = new("Bearer", Token);
    }

    /// <summary>Hands a cookie of the Api's answer on to the visitor, as long as there is a page that is still to be answered.</summary>
    public void Keep(HttpResponseMessage answer)
    {
        if (_context is { Response: { HasStarted: false } response } && answer.Headers.TryGetValues("Set-Cookie", out var cookies))
            response.Headers.SetCookie = cookies.ToArray();
    }
}
