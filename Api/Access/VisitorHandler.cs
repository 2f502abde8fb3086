using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Api.Access;

/// <summary>Knows callers without credentials: in Development all as one, where access is open each by a signed cookie, else
/// none.</summary>
internal sealed class VisitorHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    AccessMode mode,
    VisitorCookie cookie
) : AccessHandler(options, logger, encoder)
{
    public const string SchemeName = "Visitor";

    /// <summary>Whoever calls without credentials in Development.</summary>
    public const string SharedSubject = "development";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var caller = mode switch
        {
            { IsShared: true } => Caller.Create(SchemeName, SharedSubject, Right.Submit, Right.Publish),
            { IsOpen: true } => Caller.Create(SchemeName, cookie.Read(Request) ?? VisitorCookie.NewSubject(), Right.Submit),
            _ => null,
        };
        return Task.FromResult(
            caller is null ? AuthenticateResult.NoResult() : AuthenticateResult.Success(new AuthenticationTicket(caller, SchemeName))
        );
    }
}
