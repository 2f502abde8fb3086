using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Tests.Fixtures;

namespace Tests.Integration.WholeApp;

/// <summary>The whole application, started from the AppHost as it is: Redis, three Api replicas, two workers, the page. Once for all tests of a collection.</summary>
public sealed class RunningApp : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private readonly TemporaryFolder _media = new();
    private DistributedApplication? _app;

    public DistributedApplication App => _app!;

    public Uri Api => App.GetEndpoint("api", "http");

    public Uri Web => App.GetEndpoint("web", "http");

    /// <summary>A client that makes a connection for every request: behind a proxy that works on connections, only so do requests reach all replicas.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false })
    {
        BaseAddress = Api,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Media:Path={_media.Path}"], limit.Token);
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var resource in new[] { "api", "worker", "web" })
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _media.Dispose();
    }

    /// <summary>The process ids of a resource's running replicas, by the name that they give themselves (<c>X-Replica</c>, the worker of <c>job.started</c>).</summary>
    public async Task<IReadOnlyDictionary<string, int>> ProcessesAsync(string resource)
    {
        var processes = ImmutableDictionary<string, int>.Empty;
        using var limit = new CancellationTokenSource(StartLimit);
        // The stream begins with the present state of every resource.
        var seen = new HashSet<string>();
        await foreach (var change in App.ResourceNotifications.WatchAsync(limit.Token))
        {
            if (change.Resource.Name == resource && change.Snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value is { } pid)
            {
                var replica = change.ResourceId[(change.ResourceId.LastIndexOf('-') + 1)..];
                processes = processes.SetItem(replica, Convert.ToInt32(pid, CultureInfo.InvariantCulture));
            }
            seen.Add(change.Resource.Name);
            if (seen.IsSupersetOf(["redis", "api", "worker", "web"]) && processes.Count >= (resource == "api" ? 3 : resource == "worker" ? 2 : 1))
                break;
        }
        return processes;
    }

    /// <summary>Ends a replica as <c>kill -9</c> does.</summary>
    public async Task KillAsync(string resource, string replica)
    {
        var processes = await ProcessesAsync(resource);
        using var process = Process.GetProcessById(processes[replica]);
        process.Kill();
        await process.WaitForExitAsync();
    }
}

/// <summary>Tests that share one running app, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class RunningAppCollection : ICollectionFixture<RunningApp>
{
    public const string Name = "running app";
}
