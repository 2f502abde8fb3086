using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Api.Access;

/// <summary>Remembers a visitor without an account: a subject drawn at random, in a cookie that only this service can make and
/// read.</summary>
internal sealed class VisitorCookie(IDataProtectionProvider protection)
{
    public const string Name = "visitor";
    private const string SubjectPrefix = "visitor:";
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);

    private readonly IDataProtector _protector = protection.CreateProtector("Access.Visitor");

    public static string NewSubject() => SubjectPrefix + RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>The subject of a request's cookie; null where there is none that this service has made.</summary>
    public string? Read(HttpRequest request)
    {
        if (request.Cookies[Name] is not { Length: > 0 } value)
            return null;
        try
        {
            return _protector.Unprotect(value);
        }
        catch (CryptographicException)
        {
            // Forged, damaged, or older than the keys: whoever sent it is new here.
            return null;
        }
    }

    /// <summary>Gives the caller the cookie, where they are a visitor who owns something from now on.</summary>
    public void Keep(HttpContext context)
    {
        if (
            context.User.Identity is not ClaimsIdentity { AuthenticationType: VisitorHandler.SchemeName }
            || Caller.SubjectOf(context.User) is not { } subject
            || !subject.StartsWith(SubjectPrefix, StringComparison.Ordinal)
            || Read(context.Request) == subject
        )
            return;
        context.Response.Cookies.Append(
            Name,
            _protector.Protect(subject),
            new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                Secure = context.Request.IsHttps,
                IsEssential = true,
                MaxAge = Life,
                Path = "/",
            }
        );
    }
}
