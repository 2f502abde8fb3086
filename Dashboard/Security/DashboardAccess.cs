using System.Globalization;
using System.Security.Claims;
using Dashboard.Otlp;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;

namespace Dashboard.Security;

/// <summary>Who may do what: people by a cookie that the printed address gives them, scripts by the token in a header, services by their key.</summary>
internal static class DashboardAccess
{
    /// <summary>The policy of what receives telemetry.</summary>
    public const string Otlp = "Otlp";

    public const string LoginPath = "/login";
    public const string ApiPath = "/api";
    public const string ApiKeyHeader = "x-otlp-api-key";

    /// <summary>People and scripts alike.</summary>
    private const string Visitor = "Visitor";

    private const string Token = "Token";

    public static void AddDashboardAccess(this IServiceCollection services, DashboardSecrets secrets, int port)
    {
        services.AddAuthentication(Visitor)
            .AddPolicyScheme(Visitor, null, options => options.ForwardDefaultSelector =
                context => context.Request.Headers.Authorization.Count > 0 ? Token : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(options =>
            {
                // Cookies know no ports: dashboards of several apps would log each other out.
                options.Cookie.Name = string.Create(CultureInfo.InvariantCulture, $"aspiresse-dashboard-{port}");
                options.Cookie.HttpOnly = true;
                options.Cookie.SameSite = SameSiteMode.Lax;
                options.LoginPath = LoginPath;
                options.ReturnUrlParameter = "returnUrl";
                options.ExpireTimeSpan = TimeSpan.FromDays(3);
                options.Events.OnRedirectToLogin = RedirectPeopleOnly;
            })
            .AddScheme<SecretHandlerOptions, SecretHandler>(Token, options => options.Secret = secrets.BrowserToken)
            .AddScheme<SecretHandlerOptions, SecretHandler>(Otlp, options =>
                (options.Header, options.Prefix, options.Secret, options.Refuse) = (ApiKeyHeader, "", secrets.OtlpApiKey, OtlpHttp.RefuseStrangerAsync));

        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(Visitor).RequireAuthenticatedUser().Build())
            .AddPolicy(Otlp, policy => policy.AddAuthenticationSchemes(Otlp).RequireAuthenticatedUser());
    }

    /// <summary>Signs in whoever shows the token.</summary>
    /// <returns>Whether it was the right one.</returns>
    public static async Task<bool> SignInAsync(HttpContext context, string? token)
    {
        if (!DashboardSecrets.Matches(context.RequestServices.GetRequiredService<DashboardSecrets>().BrowserToken, token))
        {
            return false;
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "developer")], CookieAuthenticationDefaults.AuthenticationScheme);
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity)).ConfigureAwait(false);
        return true;
    }

    /// <summary>Where to go after the login: never to another site.</summary>
    public static string LocalPath(string? returnUrl) =>
        returnUrl is ['/', ..] and not ['/', '/' or '\\', ..] ? returnUrl : "/";

    // A script wants the status, not a page with a form.
    private static Task RedirectPeopleOnly(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (context.Request.Path.StartsWithSegments(ApiPath, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            context.Response.Redirect(context.RedirectUri);
        }

        return Task.CompletedTask;
    }
}
