using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Tests.Fixtures;

/// <summary>An OpenID Connect issuer on this machine, which signs everybody in at once as <see cref="Subject"/>, without asking.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TokenIssuer(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public string Authority => _app.Urls.Single();

    /// <summary>Who signs in next.</summary>
    public string Subject { get; set; } = "alice";

    public static async Task<TokenIssuer> StartAsync(string audience)
    {
        TokenIssuer? issuer = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddAuthentication();
        builder
            .Services.AddOpenIddict()
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
                server.RegisterScopes(OpenIddictConstants.Scopes.Profile);
                server.AddEphemeralEncryptionKey().AddEphemeralSigningKey().DisableAccessTokenEncryption();
                // Without a store of clients: whoever asks is one.
                server.EnableDegradedMode();
                server.UseAspNetCore().DisableTransportSecurityRequirement();
                server.AddEventHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>(handler =>
                    handler.UseInlineHandler(static _ => default)
                );
                server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(handler =>
                    handler.UseInlineHandler(static _ => default)
                );
                server.AddEventHandler<OpenIddictServerEvents.HandleAuthorizationRequestContext>(handler =>
                    handler.UseInlineHandler(context =>
                    {
                        var user = new ClaimsIdentity("issuer", "name", "role");
                        user.SetClaim("sub", issuer!.Subject).SetClaim("name", $"{issuer.Subject} of the test");
                        user.SetScopes(context.Request.GetScopes());
                        user.SetResources(audience);
                        user.SetDestinations(static _ =>
                            [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken]
                        );
                        context.SignIn(new ClaimsPrincipal(user));
                        return default;
                    })
                );
            });
        var app = builder.Build();
        app.UseAuthentication();
        issuer = new TokenIssuer(app);
        await app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
