using Microsoft.Extensions.Configuration;

namespace AppHost.Services;

/// <summary>
/// Who may do what. Where the app is deployed it is said by parameters: the issuer of tokens, or that access is open; and Web has a key of
/// its own, drawn for the deployment, by which it publishes what its fan-out page shows. In run mode access is open, as always in
/// Development, unless the AppHost's own section <c>Access</c> says otherwise: the services are given what it has.
/// </summary>
internal static class AccessExtensions
{
    private const string Section = "Access";
    private const string FanoutTopics = "fanout:";

    /// <summary>Whom the Api lets in.</summary>
    public static IResourceBuilder<ProjectResource> WithAccess(this IResourceBuilder<ProjectResource> api)
    {
        var builder = api.ApplicationBuilder;
        if (builder.ExecutionContext.IsRunMode)
            return api.WithSection();
        return api.WithEnvironment("Access__Authority", builder.Optional("access-authority"))
            .WithEnvironment("Access__Audience", builder.Optional("access-audience"))
            .WithEnvironment("Access__Open", builder.Optional("access-open", "false"))
            .WithEnvironment("Access__PublicTopics__0", FanoutTopics)
            .WithEnvironment("Access__ApiKeys__0__Key", builder.WebKey())
            .WithEnvironment("Access__ApiKeys__0__Subject", "web")
            .WithEnvironment("Access__ApiKeys__0__Rights__0", $"publish:{FanoutTopics}");
    }

    /// <summary>Where Web signs its users in, and its key.</summary>
    public static IResourceBuilder<ProjectResource> WithSignIn(this IResourceBuilder<ProjectResource> web)
    {
        var builder = web.ApplicationBuilder;
        if (builder.ExecutionContext.IsRunMode)
            return web.WithSection();
        return web.WithEnvironment("Access__Authority", builder.Optional("access-authority"))
            .WithEnvironment("Access__ClientId", builder.Optional("access-client-id"))
            .WithEnvironment(
                "Access__ClientSecret",
                builder.Find("access-client-secret") ?? builder.AddParameter("access-client-secret", secret: true)
            )
            .WithEnvironment("Access__Scope", builder.Optional("access-scope", "openid profile"))
            .WithEnvironment("Fanout__PublisherKey", builder.WebKey());
    }

    private static IResourceBuilder<ProjectResource> WithSection(this IResourceBuilder<ProjectResource> service)
    {
        foreach (var (name, value) in service.ApplicationBuilder.Configuration.GetSection(Section).AsEnumerable())
        {
            if (value is not null)
                service.WithEnvironment(name.Replace(":", "__", StringComparison.Ordinal), value);
        }
        return service;
    }

    private static IResourceBuilder<ParameterResource> Optional(
        this IDistributedApplicationBuilder builder,
        string name,
        string value = ""
    ) => builder.Find(name) ?? builder.AddParameter(name, value, publishValueAsDefault: true);

    private static IResourceBuilder<ParameterResource> WebKey(this IDistributedApplicationBuilder builder) =>
        builder.Find("web-key")
        ?? builder.AddParameter("web-key", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true);

    private static IResourceBuilder<ParameterResource>? Find(this IDistributedApplicationBuilder builder, string name) =>
        builder.Resources.OfType<ParameterResource>().FirstOrDefault(parameter => parameter.Name == name) is { } found
            ? builder.CreateResourceBuilder(found)
            : null;
}
