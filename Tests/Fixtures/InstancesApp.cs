using System.Net.Http.Json;
using System.Text.Json;
using EventStreams;
using EventStreams.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>A replica of an app with two instances of the library, <c>a</c> and <c>b</c>, each with all of its endpoints below a path of
/// its own.</summary>
internal sealed class InstancesApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private InstancesApp(WebApplication app) => (_app, Client) = (app, app.CreateClient());

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="settings">Where the instances are.</param>
    /// <param name="add">Services of the app.</param>
    public static async Task<InstancesApp> StartAsync(Dictionary<string, string?> settings, Action<IServiceCollection>? add = null)
    {
        var builder = LoopbackApp.CreateBuilder(settings);
        foreach (var key in (string[])["a", "b"])
        {
            builder.AddEventStreams($"redis-{key}", options => options.RedisTimeout = TimeSpan.FromSeconds(15), key);
            builder.AddStreamTickets(key);
        }
        add?.Invoke(builder.Services);
        var app = builder.Build();
        foreach (var key in (string[])["a", "b"])
        {
            app.MapEventStream($"/{key}/streams/{{topic}}", key);
            app.MapEventStreams($"/{key}/streams", key);
            app.MapEventPublish($"/{key}/streams/{{topic}}", key);
            app.MapEventHistory($"/{key}/streams/{{topic}}/events", key);
            app.MapStreamTickets($"/{key}/tickets", key);
        }
        await app.StartAsync();
        return new InstancesApp(app);
    }

    /// <summary>A service of an instance.</summary>
    public T Of<T>(string key)
        where T : notnull => _app.Services.GetRequiredKeyedService<T>(key);

    /// <summary>Opens a stream of an instance.</summary>
    public Task<SseStream> OpenAsync(string key, string rest) => SseStream.OpenAsync(Client, $"/{key}/streams{rest}");

    /// <summary>Publishes over HTTP.</summary>
    public async Task PublishAsync(string key, Topic topic, string data)
    {
        using var answer = await Client.PostAsync($"/{key}/streams/{topic}?event=note", new StringContent(data));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What an instance's history has of a topic.</summary>
    public async Task<List<string?>> HistoryAsync(string key, Topic topic)
    {
        var page = await Client.GetFromJsonAsync<JsonElement>($"/{key}/streams/{topic}/events");
        return [.. page.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("data").GetString())];
    }

    /// <summary>A ticket of an instance.</summary>
    public async Task<string> TicketAsync(string key, Topic topic)
    {
        using var answer = await Client.PostAsync($"/{key}/tickets?topic={topic}", null);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("ticket").GetString()!;
    }

    /// <summary>What the health checks say.</summary>
    public async Task<HealthReport> HealthAsync() => await _app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.EndAsync();
    }
}
