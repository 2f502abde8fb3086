using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.Fixtures;

/// <summary>
/// The whole app, as the AppHost describes it, with ports, a Redis and a media folder of its own. Knows of replicas what Aspire's own API
/// tells, so that tests are the same on it and on LocalHosting.
/// </summary>
public sealed class RunningApp : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _media;
    private readonly IDistributedApplicationTestingBuilder _builder;

    private RunningApp(DistributedApplication app, IDistributedApplicationTestingBuilder builder, TemporaryFolder media) =>
        (App, _builder, _media) = (app, builder, media);

    /// <summary>The app.</summary>
    public DistributedApplication App { get; }

    /// <summary>Starts the app and waits until all replicas of all resources are healthy.</summary>
    /// <param name="args">Further arguments of the AppHost.</param>
    public static Task<RunningApp> StartAsync(params string[] args) => StartAsync(realtimeSpeed: 1, args);

    /// <inheritdoc cref="StartAsync(string[])"/>
    /// <param name="realtimeSpeed">How fast jobs of pace <c>realtime</c> go.</param>
    /// <param name="args">Further arguments of the AppHost.</param>
    public static async Task<RunningApp> StartAsync(double realtimeSpeed, params string[] args)
    {
        var media = new TemporaryFolder();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Media:Path={media.Path}", .. args]);
        foreach (var worker in builder.Resources.OfType<ProjectResource>().Where(project => project.Name == "worker"))
            builder.CreateResourceBuilder(worker).WithEnvironment("Worker__RealtimeSpeed", realtimeSpeed.ToString(CultureInfo.InvariantCulture));
        var running = new RunningApp(await builder.BuildAsync(), builder, media);
        try
        {
            await running.App.StartAsync();
            foreach (var (resource, replicas) in new[] { ("redis", 1), ("api", 3), ("worker", 2), ("web", 1) })
                await running.WaitForReplicasAsync(resource, replicas);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until so many replicas of a resource are healthy, and returns them.</summary>
    public async Task<IReadOnlyList<RunningReplica>> WaitForReplicasAsync(string resource, int count)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var healthy = new Dictionary<string, RunningReplica>();
        var last = new Dictionary<string, string>();
        try
        {
            await foreach (var change in App.ResourceNotifications.WatchAsync(limit.Token))
            {
                if (change.Resource.Name != resource)
                    continue;
                last[change.ResourceId] = $"{change.Snapshot.State?.Text}, {change.Snapshot.HealthStatus}";
                healthy.Remove(change.ResourceId);
                if (change.Snapshot.HealthStatus == HealthStatus.Healthy)
                    healthy[change.ResourceId] = RunningReplica.From(change);
                if (healthy.Count == count)
                    return [.. healthy.Values];
            }
        }
        catch (OperationCanceledException)
        {
            // Told below with what was seen.
        }
        throw new TimeoutException($"Not {count} healthy replicas of '{resource}': {string.Join("; ", last.Select(p => $"{p.Key}: {p.Value}"))}");
    }

    /// <summary>Kills a replica as <c>kill -9</c> does and waits until the app knows.</summary>
    public async Task KillAsync(RunningReplica replica)
    {
        Process.GetProcessById(replica.ProcessId).Kill();
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        await App.ResourceNotifications.WaitForResourceAsync(
            replica.Id, e => e.Snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text), limit.Token);
    }

    /// <summary>Gives a command, such as <see cref="KnownResourceCommands.StartCommand"/>, to a replica or to a resource that has only one.</summary>
    public async Task CommandAsync(string resourceId, string command)
    {
        var result = await App.ResourceCommands.ExecuteCommandAsync(resourceId, command);
        Assert.True(result.Success, result.Message);
    }

    /// <summary>A client that opens a new connection for each request, so that the replicas share its requests.</summary>
    public HttpClient CreateSpreadingClient(string resource) => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero })
    {
        BaseAddress = App.GetEndpoint(resource),
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _builder.DisposeAsync();
        _media.Dispose();
    }
}

/// <summary>A replica of a running app.</summary>
/// <param name="Id">Its name, such as <c>api-abcdefgh</c>.</param>
public sealed record RunningReplica(string Id, int ProcessId)
{
    /// <summary>The part of the name that the replica itself goes by, for example in the header X-Replica.</summary>
    public string Suffix => Id[(Id.LastIndexOf('-') + 1)..];

    internal static RunningReplica From(ResourceEvent change) => new(
        change.ResourceId,
        Convert.ToInt32(change.Snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value ?? 0, CultureInfo.InvariantCulture));
}
