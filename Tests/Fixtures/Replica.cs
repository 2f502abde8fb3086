using System.Diagnostics.Metrics;
using EventStreams;
using EventStreams.Fanout;
using EventStreams.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>A service that offers the event streams of every topic, in this process, on a port of its own. Several of them make the replicas of a test.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Replica(WebApplication app, string name, HttpClient client) => (_app, Name, Client) = (app, name, client);

    public string Name { get; }

    /// <summary>A client whose streams have a connection each.</summary>
    public HttpClient Client { get; }

    public IEventPublisher Publisher => _app.Services.GetRequiredService<IEventPublisher>();

    public IEventLog Log => _app.Services.GetRequiredService<IEventLog>();

    /// <summary>Whose meters are this replica's: that they belong to its meter factory tells them from those of others in this process.</summary>
    public IMeterFactory Meters => _app.Services.GetRequiredService<IMeterFactory>();

    public EventStreamHub Hub => _app.Services.GetRequiredService<EventStreamHub>();

    /// <param name="connectionString">Where Redis is.</param>
    /// <param name="keyPrefix">What the replicas of one test share.</param>
    /// <param name="name">The replica id.</param>
    /// <param name="isDirect">Whether streams are written straight to their sockets.</param>
    /// <param name="configure">Other settings.</param>
    /// <param name="addServices">Services in place of the library's own.</param>
    /// <param name="listen">What its connections go through, TLS for example.</param>
    public static async Task<Replica> StartAsync(
        string connectionString, string keyPrefix, string name, bool isDirect,
        Action<EventStreamsOptions>? configure = null, Action<IServiceCollection>? addServices = null, Action<ListenOptions>? listen = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:redis"] = connectionString });
        if (isDirect)
            builder.WebHost.UseEventStreamTransport();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen ?? (static _ => { })));
        addServices?.Invoke(builder.Services);
        builder.AddEventStreams("redis", options =>
        {
            options.KeyPrefix = keyPrefix;
            options.ReplicaId = name;
            // Generous, as a test's machine may be busy; what a test proves must not hang on it.
            options.RedisTimeout = TimeSpan.FromSeconds(15);
            configure?.Invoke(options);
        });
        var app = builder.Build();
        app.MapGet("/streams/{topic}", (string topic) => new EventStreamResult(Topic.Parse(topic)));
        await app.StartAsync();
        return new Replica(app, name, new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan });
    }

    /// <summary>Opens a stream.</summary>
    public Task<SseStream> OpenAsync(Topic topic, string? lastEventId = null) => SseStream.OpenAsync(Client, $"/streams/{topic}", lastEventId);

    /// <summary>Begins an orderly stop, as SIGTERM does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
