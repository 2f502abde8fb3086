using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Orchestration;
using LocalHosting.Processes;

namespace LocalHosting.Redis;

/// <summary>Runs a Redis server. Its port, password and data outlive its restarts.</summary>
internal sealed class RedisLaunchPlanner(RedisServerLocator servers, HostPaths paths, ResourceLoggerService logs, EnvironmentResolver environment) : ILaunchPlanner
{
    private readonly ConcurrentDictionary<string, RedisServer> _chosen = new();

    public bool Handles(IResource resource) => resource is RedisResource { External: null };

    public async Task<LaunchPlan> PlanAsync(Replica replica, CancellationToken cancellationToken)
    {
        var redis = (RedisResource)replica.Resource;
        if (!_chosen.TryGetValue(redis.Name, out var server))
        {
            server = await servers.FindAsync(line => logs.Write(replica.Id, line, isError: false), cancellationToken).ConfigureAwait(false);
            _chosen[redis.Name] = server;
        }

        var configuration = new RedisConfiguration(
            replica.Ports[RedisResource.PrimaryEndpointName],
            (await redis.PasswordParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false))!,
            DataFolder(redis, server),
            redis.Annotations.OfType<PersistenceIntervalAnnotation>().LastOrDefault());
        var file = Path.Combine(paths.Session, $"{replica.Id}.conf");
        await File.WriteAllTextAsync(file, server.IsGarnet ? configuration.ForGarnet() : configuration.ForRedis(), cancellationToken).ConfigureAwait(false);

        var variables = await environment.VariablesAsync(replica, cancellationToken).ConfigureAwait(false);
        var args = await EnvironmentResolver.ArgsAsync(replica, cancellationToken).ConfigureAwait(false);
        return server.IsGarnet
            ? new(CommandLocator.Dotnet(), [server.Path, "--config-import-path", file, .. args], paths.Session, variables)
            : new(server.Path, [file, .. args], paths.Session, variables);
    }

    private string? DataFolder(RedisResource redis, RedisServer server)
    {
        var data = redis.Annotations.OfType<DataFolderAnnotation>().LastOrDefault();
        if (data is null && !redis.Annotations.OfType<PersistenceIntervalAnnotation>().Any())
        {
            return null;
        }

        var root = data is null
            ? Path.Combine(paths.Session, $"{redis.Name}-data")
            : data.Source ?? paths.Data(data.Name ?? $"{redis.Name}-data");
        return Directory.CreateDirectory(Path.Combine(root, server.Kind)).FullName;
    }
}
