using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AppHost.Redis;

/// <summary>What <c>AddRedis</c> lacks for this application.</summary>
internal static class RedisHostingExtensions
{
    /// <summary>
    /// Has the container write each command to an append-only file, at most a second late, in run mode and where it is deployed.
    /// </summary>
    public static IResourceBuilder<RedisResource> WithAppendOnlyFile(this IResourceBuilder<RedisResource> redis) =>
        redis.WithArgs(context =>
        {
            // Deployed, the whole command is one argument of a shell.
            if (context.ExecutionContext.IsPublishMode)
                context.Args[^1] = $"{context.Args[^1]} --appendonly yes";
            else
                Array.ForEach(["--appendonly", "yes"], context.Args.Add);
        });

    /// <summary>
    /// In run mode, takes what this machine has: the connection string <c>ConnectionStrings:NAME</c> if the configuration gives one; a
    /// container where a container runtime answers; else a process: <c>redis-server</c> or <c>valkey-server</c> from the PATH, else Garnet,
    /// which is restored from NuGet on first need. <c>Redis:Server</c> of the configuration asks for one of these instead:
    /// <c>container</c>, <c>process</c>, <c>redis-server</c>, <c>valkey-server</c>, <c>garnet</c>, or the path of a server. In publish mode
    /// it stays a container.
    /// </summary>
    /// <returns>The resource that takes the place of the Redis resource, with its name. Whatever is to hold for the container must be
    /// called before.</returns>
    public static IResourceBuilder<IResourceWithConnectionString> RunAsContainerOrProcess(this IResourceBuilder<RedisResource> redis)
    {
        var builder = redis.ApplicationBuilder;
        if (builder.ExecutionContext.IsPublishMode)
            return redis;
        if (builder.Configuration.GetConnectionString(redis.Resource.Name) is { Length: > 0 } given)
        {
            builder.Resources.Remove(redis.Resource);
            return builder.AddConnectionString(redis.Resource.Name, ReferenceExpression.Create($"{given}")).WithRedisHealthCheck();
        }
        var wanted = builder.Configuration["Redis:Server"] ?? "auto";
        if (wanted == "container" || (wanted == "auto" && ContainerRuntime.Answers(builder.Configuration)))
            return redis.WithoutHttps();

        builder.Resources.Remove(redis.Resource);
        return builder.AddRedisProcess(redis.Resource, RedisServer.Find(wanted, builder.AppHostDirectory));
    }

    private static IResourceBuilder<RedisProcess> AddRedisProcess(
        this IDistributedApplicationBuilder builder,
        RedisResource redis,
        RedisServer server
    )
    {
        var process = new RedisProcess(
            redis.Name,
            redis.PasswordParameter!,
            server,
            Directory.CreateDirectory(builder.Folder($"{redis.Name}-{server.Kind}")).FullName
        );
        return builder
            .AddResource(process)
            .WithEndpoint(name: RedisProcess.EndpointName, scheme: "redis")
            .WithArgs(process.AddArgumentsAsync)
            .WithRedisHealthCheck();
    }

    /// <summary>Healthy when the server answers a PING: one that still loads its data is not.</summary>
    private static IResourceBuilder<T> WithRedisHealthCheck<T>(this IResourceBuilder<T> redis)
        where T : IResourceWithConnectionString
    {
        string? connectionString = null;
        redis.OnConnectionStringAvailable(
            async (resource, _, stopping) => connectionString = await resource.GetConnectionStringAsync(stopping)
        );
        var check = $"{redis.Resource.Name}_ping";
        redis
            .ApplicationBuilder.Services.AddHealthChecks()
            .AddRedis(_ => connectionString ?? throw new InvalidOperationException("The connection string is not known yet."), check);
        return redis.WithHealthCheck(check);
    }

    // A development certificate, where there is one, would turn the address into rediss.
    private static IResourceBuilder<RedisResource> WithoutHttps(this IResourceBuilder<RedisResource> redis)
    {
#pragma warning disable ASPIRECERTIFICATES001 // Marked as experimental.
        return redis.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
    }
}
