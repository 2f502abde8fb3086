using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The whole application, for the tests that look at it from a browser's side.</summary>
public sealed class BrowserApp : IAsyncLifetime
{
    /// <summary>The sample's half a minute is over in twelve seconds, which is still long enough to do something in its middle.</summary>
    public const double RealtimeSpeed = 3;

    private RunningApp? _running;

    /// <summary>Where the page is.</summary>
    public Uri Web => Running.App.GetEndpoint("web");

    private RunningApp Running => _running ?? throw new InvalidOperationException("The app has not been started.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _running = await RunningApp.StartAsync(RealtimeSpeed);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
    }

    /// <summary>Submits a job through the page's own origin.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SubmitAsync(object request)
    {
        using var browser = new HttpClient { BaseAddress = Web };
        using var answer = await browser.PostAsJsonAsync("/api/jobs", request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    /// <summary>Ends a replica of the Api as <c>kill -9</c> does.</summary>
    /// <param name="name">The name that it goes by on the page; null for all of them.</param>
    /// <returns>Those that were killed. They are started again when this is disposed of, however the test went.</returns>
    public async Task<StoppedReplicas> KillApiAsync(string? name = null)
    {
        var replicas = await Running.WaitForReplicasAsync("api", 3);
        List<RunningReplica> victims = [.. replicas.Where(replica => name is null || replica.Suffix == name)];
        await Task.WhenAll(victims.Select(Running.KillAsync));
        return new StoppedReplicas(Running, [.. victims.Select(victim => victim.Id)]);
    }

    /// <summary>A replica of the Api that is about to stop itself.</summary>
    /// <param name="name">The name that it goes by.</param>
    /// <returns>It is started again when this is disposed of, however the test went.</returns>
    public StoppedReplicas Stopping(string name) => new(Running, [$"api-{name}"]);

    /// <summary>Waits until all is well, so that the next test finds it so.</summary>
    public Task WaitForAllAsync() => Running.WaitForAllAsync();

    /// <summary>Restarts Redis, as its command on the dashboard does.</summary>
    public Task RestartRedisAsync() => Running.CommandAsync("redis", KnownResourceCommands.RestartCommand);

    /// <summary>Gives a command to a replica, as its button on the dashboard does.</summary>
    public Task CommandAsync(string replica, string command) => Running.CommandAsync(replica, command);
}

/// <summary>Replicas of the Api that a test has stopped, or is about to stop.</summary>
public sealed class StoppedReplicas(RunningApp app, IReadOnlyList<string> ids) : IAsyncDisposable
{
    private bool _isRevived;

    /// <summary>Waits until they have ended, starts them again, and waits until all is well.</summary>
    public async Task ReviveAsync()
    {
        foreach (var id in ids)
            await app.WaitForEndAsync(id);
        await StartAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_isRevived)
            await StartAsync();
    }

    private async Task StartAsync()
    {
        _isRevived = true;
        foreach (var id in ids.Where(app.HasEnded))
            await app.CommandAsync(id, KnownResourceCommands.StartCommand);
        await app.WaitForAllAsync();
    }
}

/// <summary>Tests that share one running app and one browser, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserApp>, ICollectionFixture<Chromium>
{
    public const string Name = "browser";
}
