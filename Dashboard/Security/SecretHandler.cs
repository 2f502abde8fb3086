using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Dashboard.Security;

/// <summary>Knows a caller by a secret in a header.</summary>
internal sealed class SecretHandler(IOptionsMonitor<SecretHandlerOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<SecretHandlerOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var given = Request.Headers[Options.Header].ToString();
        if (!given.StartsWith(Options.Prefix, StringComparison.OrdinalIgnoreCase) || given.Length == Options.Prefix.Length)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        return Task.FromResult(DashboardSecrets.Matches(Options.Secret, given[Options.Prefix.Length..].Trim())
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, Scheme.Name)], Scheme.Name)), Scheme.Name))
            : AuthenticateResult.Fail($"The header {Options.Header} does not hold the secret of this run."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Options.Refuse?.Invoke(Context) ?? base.HandleChallengeAsync(properties);
}

/// <summary>Which header, and what it must hold.</summary>
internal sealed class SecretHandlerOptions : AuthenticationSchemeOptions
{
    public string Header { get; set; } = "Authorization";

    public string Prefix { get; set; } = "Bearer ";

    public string Secret { get; set; } = "";

    /// <summary>How a caller without the secret is refused; by default with the status alone.</summary>
    public Func<HttpContext, Task>? Refuse { get; set; }
}
