using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Web.Security;

/// <summary>
/// Signs users in at the issuer that the Api trusts (OpenID Connect, code flow with PKCE). A cookie holds the session for as long as the
/// issuer's token is good; calls to the Api carry the access token.
/// </summary>
internal static class SignIn
{
    public const string Path = "/sign-in";
    public const string OutPath = "/sign-out";

    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(SignInOptions.SectionName).Get<SignInOptions>() ?? new SignInOptions();
        builder.Services.AddSingleton(options);
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddScoped<ApiCredentials>();
        builder.Services.AddRazorComponents().RegisterPersistentService<ApiCredentials>(RenderMode.InteractiveServer);
        builder.Services.AddAuthorization();
        var authentication = builder
            .Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(cookie =>
            {
                cookie.Cookie.Name = "session";
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.LoginPath = Path;
            });
        if (!options.IsOn)
            return;
        if (string.IsNullOrEmpty(options.ClientId))
            throw new InvalidOperationException("Access:ClientId is missing: what the issuer of Access:Authority calls this service.");
        authentication.AddOpenIdConnect(issuer =>
        {
            issuer.Authority = options.Authority;
            issuer.ClientId = options.ClientId;
            issuer.ClientSecret = options.ClientSecret;
            issuer.ResponseType = "code";
            // Comes back as an ordinary navigation, with which the browser sends these cookies.
            issuer.ResponseMode = "query";
            issuer.CorrelationCookie.SameSite = issuer.NonceCookie.SameSite = SameSiteMode.Lax;
            issuer.CorrelationCookie.SecurePolicy = issuer.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            issuer.SaveTokens = true;
            issuer.UseTokenLifetime = true;
            issuer.MapInboundClaims = false;
            issuer.TokenValidationParameters.NameClaimType = "name";
            // Over http only an issuer on this machine may be named.
            issuer.RequireHttpsMetadata = !new Uri(options.Authority!).IsLoopback;
            issuer.Scope.Clear();
            foreach (var scope in options.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                issuer.Scope.Add(scope);
        });
    }

    public static void UseSignIn(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(
            static async (context, next) =>
            {
                await context.RequestServices.GetRequiredService<ApiCredentials>().ReadAsync(context);
                await next(context);
            }
        );
    }

    public static void MapSignIn(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<SignInOptions>().IsOn)
            return;
        app.MapGet(
            Path,
            (string? returnUrl) =>
                TypedResults.Challenge(
                    new AuthenticationProperties { RedirectUri = IsLocal(returnUrl) ? returnUrl : "/" },
                    [OpenIdConnectDefaults.AuthenticationScheme]
                )
        );
        // A form of this site's own page, with its token against forgery.
        app.MapPost(
            OutPath,
            async Task<Results<SignOutHttpResult, BadRequest>> (HttpContext context, IAntiforgery antiforgery) =>
                await antiforgery.IsRequestValidAsync(context)
                    ? TypedResults.SignOut(
                        new AuthenticationProperties { RedirectUri = "/" },
                        [CookieAuthenticationDefaults.AuthenticationScheme]
                    )
                    : TypedResults.BadRequest()
        );
    }

    // Not to where somebody else's link leads.
    private static bool IsLocal(string? url) => url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.Any(char.IsControl);
}
