using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;
using LocalHosting.Inspection;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The whole application with its dashboard, and a job that was followed through every replica.</summary>
public sealed class DashboardApp : IAsyncLifetime
{
    private const int Replicas = 3;

    private RunningApp? _running;

    /// <summary>The job.</summary>
    public string Job { get; private set; } = "";

    /// <summary>The address that lets whoever opens it in.</summary>
    public Uri Login => Running.App.Services.GetRequiredService<DashboardHost>().Server!.LoginAddress;

    private RunningApp Running => _running ?? throw new InvalidOperationException("The app has not been started.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _running = await RunningApp.StartAsync(BrowserApp.RealtimeSpeed, "--Dashboard:Enabled=true");
        Job = await SubmitAsync("realtime");
        await FollowEverywhereAsync(Job);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
    }

    /// <summary>Submits a job through the page's own origin.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SubmitAsync(string pace)
    {
        using var browser = new HttpClient { BaseAddress = Running.App.GetEndpoint("web") };
        using var answer = await browser.PostAsJsonAsync("/api/jobs", new { source = "sample:tour", pace });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    /// <summary>The ids of a resource's replicas that are healthy.</summary>
    public async Task<IReadOnlyList<string>> ReplicasAsync(string resource, int count) =>
        [.. (await Running.WaitForReplicasAsync(resource, count)).Select(r => r.Id)];

    // Until each replica has delivered some lines to a viewer.
    private async Task FollowEverywhereAsync(string job)
    {
        using var client = Running.CreateSpreadingClient("api");
        var streams = new Dictionary<string, SseStream>();
        try
        {
            await Eventually.HoldsAsync(
                async () =>
                {
                    var stream = await SseStream.OpenAsync(client, $"/jobs/{job}/events");
                    if (!streams.TryAdd(stream.Response.Headers.GetValues("X-Replica").Single(), stream))
                        await stream.DisposeAsync();
                    return streams.Count == Replicas;
                },
                "a stream at each replica");
            foreach (var stream in streams.Values)
            {
                for (var cues = 0; cues < 3;)
                {
                    var next = await stream.NextEventAsync() ?? throw new InvalidOperationException($"The stream of job {job} ended after {cues} of 3 lines.");
                    cues += next.Type == "cue" ? 1 : 0;
                }
            }
        }
        finally
        {
            foreach (var stream in streams.Values)
                await stream.DisposeAsync();
        }
    }
}

/// <summary>Tests that share one running app with its dashboard and one browser, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class DashboardCollection : ICollectionFixture<DashboardApp>, ICollectionFixture<Chromium>
{
    public const string Name = "dashboard";
}
