using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The whole application, from the AppHost as it is, for the tests that look at it through a browser.</summary>
public sealed class BrowserApp : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private readonly TemporaryFolder _media = new();
    private DistributedApplication? _app;

    /// <summary>Where the page is.</summary>
    public Uri Web => _app!.GetEndpoint("web", "http");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Media:Path={_media.Path}"], limit.Token);
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var resource in new[] { "api", "worker", "web" })
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _media.Dispose();
    }

    /// <summary>Ends a replica of the Api as <c>kill -9</c> does.</summary>
    /// <param name="replica">The name that it goes by on the page.</param>
    public async Task KillReplicaAsync(string replica)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        await foreach (var change in _app!.ResourceNotifications.WatchAsync(limit.Token))
        {
            if (change.ResourceId != $"api-{replica}" || change.Snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value is not { } id)
                continue;
            using var process = Process.GetProcessById(Convert.ToInt32(id, CultureInfo.InvariantCulture));
            process.Kill();
            await process.WaitForExitAsync(limit.Token);
            return;
        }
    }

    /// <summary>Starts a replica again that was killed, so that the next test finds all of them.</summary>
    public async Task StartReplicaAsync(string replica)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var id = $"api-{replica}";
        await _app!.ResourceNotifications.WaitForResourceAsync(id, e => KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text), limit.Token);
        var result = await _app.ResourceCommands.ExecuteCommandAsync(id, KnownResourceCommands.StartCommand, limit.Token);
        Assert.True(result.Success, result.Message);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync(id, limit.Token);
    }
}

/// <summary>Tests that share one running app and one browser, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserApp>, ICollectionFixture<Chromium>
{
    public const string Name = "browser";
}
