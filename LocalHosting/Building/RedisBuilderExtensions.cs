using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds a Redis server to an app.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>
    /// Adds a Redis server. It is the one of the setting <c>ConnectionStrings:NAME</c> if given; else a server process: <c>redis-server</c>
    /// or <c>valkey-server</c> from the PATH, else Garnet. It listens on the loopback address alone, behind a password.
    /// </summary>
    /// <param name="port">By default a free one.</param>
    /// <param name="password">By default a random one.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var secret = password?.Resource ?? RandomPassword($"{name}-password");
        var redis = new RedisResource(name, secret) { External = builder.Configuration[$"ConnectionStrings:{name}"] };
        var resource = builder.AddResource(redis);
        return redis.External is not null
            ? resource
            : resource.WithEndpoint(port: port, scheme: "redis", name: RedisResource.PrimaryEndpointName, isProxied: false);
    }

    /// <summary>Keeps the data from one run to the next; under test in a folder of the test's own that is deleted in the end.</summary>
    /// <param name="name">The folder's name; by default one made of the resource's.</param>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
        isReadOnly
            ? throw new NotSupportedException($"'{builder.Resource.Name}' cannot run on data that it may not write: leave isReadOnly out.")
            : builder.WithAnnotation(new DataFolderAnnotation(null) { Name = name }, ResourceAnnotationMutationBehavior.Replace);

    /// <summary>Keeps the data in a folder, relative to the AppHost's.</summary>
    public static IResourceBuilder<RedisResource> WithDataBindMount(this IResourceBuilder<RedisResource> builder, string source, bool isReadOnly = false) =>
        isReadOnly
            ? throw new NotSupportedException($"'{builder.Resource.Name}' cannot run on data that it may not write: leave isReadOnly out.")
            : builder.WithAnnotation(
                new DataFolderAnnotation(Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory)), ResourceAnnotationMutationBehavior.Replace);

    /// <summary>How often a snapshot is saved. Beyond that, every write is on disk within a second.</summary>
    /// <param name="interval">By default 60 seconds.</param>
    /// <param name="keysChangedThreshold">How many keys must have changed for a snapshot.</param>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) =>
        builder.WithAnnotation(
            new PersistenceIntervalAnnotation(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);

    /// <summary>Sets the password; null for a random one, for there is always one.</summary>
    public static IResourceBuilder<RedisResource> WithPassword(this IResourceBuilder<RedisResource> builder, IResourceBuilder<ParameterResource>? password)
    {
        builder.Resource.SetPassword(password?.Resource ?? RandomPassword($"{builder.Resource.Name}-password"));
        return builder;
    }

    /// <summary>Sets the port; null for a free one.</summary>
    public static IResourceBuilder<RedisResource> WithHostPort(this IResourceBuilder<RedisResource> builder, int? port) =>
        builder.WithEndpoint(RedisResource.PrimaryEndpointName, endpoint => endpoint.Port = port, createIfNotExists: false);

    private static ParameterResource RandomPassword(string name) => new(name, () => RandomNumberGenerator.GetHexString(32, lowercase: true), secret: true);
}
