using EventStreams;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Api.Access;

/// <summary>Knows who calls, and closes what is not theirs.</summary>
internal static partial class AccessSetup
{
    private const string AnyScheme = "Access";

    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessValidation>();
        services.AddSingleton(provider => new AccessMode(
            provider.GetRequiredService<IOptions<AccessOptions>>().Value,
            provider.GetRequiredService<IHostEnvironment>(),
            provider.GetRequiredService<IConfiguration>()
        ));
        services.AddSingleton<VisitorCookie>();
        services.AddSingleton<IPostConfigureOptions<JwtBearerOptions>, TokenSetup>();
        services
            .AddAuthentication(AnyScheme)
            .AddPolicyScheme(
                AnyScheme,
                null,
                scheme =>
                    scheme.ForwardDefaultSelector = static context =>
                        Credentials.SchemeOf(context.Request, context.RequestServices.GetRequiredService<AccessMode>())
            )
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, VisitorHandler>(VisitorHandler.SchemeName, null)
            .AddJwtBearer(TokenSetup.SchemeName);
        AccessPolicies.AddTo(services.AddAuthorizationBuilder());
        // Streams are judged by topic, and with whom their tickets were issued to.
        services.AddSingleton<IStreamAuthorizer, TopicFollowers>();
        builder.AddStreamTickets();
    }

    public static void UseAccess(this WebApplication app)
    {
        LogMode(app.Logger, app.Services.GetRequiredService<AccessMode>());
        app.UseAuthentication();
        app.Use(
            static async (context, next) =>
            {
                // Whoever shows credentials is told that they are wrong, also where none are needed: as somebody else they would look for
                // their jobs in vain.
                if ((await context.AuthenticateAsync()).Failure is null)
                    await next(context);
                else
                    await context.ChallengeAsync();
            }
        );
        app.UseAuthorization();
    }

    [LoggerMessage(LogLevel.Information, "{Mode}")]
    private static partial void LogMode(ILogger logger, AccessMode mode);
}
