using Aspire.Hosting;
using LocalHosting.Orchestration;
using LocalHosting.Processes;
using Microsoft.Extensions.Options;

namespace LocalHosting.Redis;

/// <summary>Finds a server for the app: one that is installed, else Garnet, which comes from NuGet.</summary>
internal sealed class RedisServerLocator(IOptions<LocalHostingOptions> options, HostPaths paths, GarnetTool garnet)
{
    /// <param name="say">Told of what takes time.</param>
    /// <exception cref="DistributedApplicationException">There is none, or not the one that was asked for.</exception>
    public async Task<RedisServer> FindAsync(Action<string> say, CancellationToken cancellationToken)
    {
        var asked = options.Value.Redis;
        switch (asked)
        {
            case "auto":
                return OnPath("redis-server") ?? OnPath("valkey-server") ?? await GarnetAsync().ConfigureAwait(false);
            case "garnet":
                return await GarnetAsync().ConfigureAwait(false);
            default:
                return OnPath(asked) ?? throw new DistributedApplicationException(
                    $"LocalHosting:Redis asks for '{asked}', which is not there: install it, or set it to auto, redis-server, valkey-server, garnet or the path of a server.");
        }

        async Task<RedisServer> GarnetAsync() => new("garnet", await garnet.FindAsync(say, cancellationToken).ConfigureAwait(false), IsGarnet: true);
    }

    private RedisServer? OnPath(string command) =>
        CommandLocator.Find(command, paths.Repository) is { } path ? new(Path.GetFileNameWithoutExtension(path), path, IsGarnet: false) : null;
}
