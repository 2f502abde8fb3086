using System.Diagnostics.Metrics;
using System.Security.Claims;
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

/// <summary>A service that offers the event streams of every topic, in this process, on a port of its own. Several of them make the
/// replicas of a test.</summary>
internal sealed class Replica : IAsyncDisposable
{
    /// <summary>Names the user of a request.</summary>
    public const string UserHeader = "X-User";

    private readonly WebApplication _app;

    private Replica(WebApplication app, string name, HttpClient client) => (_app, Name, Client) = (app, name, client);

    public string Name { get; }

    /// <summary>A client whose streams have a connection each.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public IEventPublisher Publisher => _app.Services.GetRequiredService<IEventPublisher>();

    public IEventLog Log => _app.Services.GetRequiredService<IEventLog>();

    /// <summary>Whose meters are this replica's: that they belong to its meter factory tells them from those of others in this
    /// process.</summary>
    public IMeterFactory Meters => _app.Services.GetRequiredService<IMeterFactory>();

    public EventStreamHub Hub => _app.Services.GetRequiredService<EventStreamHub>();

    /// <param name="connectionString">Where Redis is.</param>
    /// <param name="keyPrefix">What the replicas of one test share.</param>
    /// <param name="name">The replica id.</param>
    /// <param name="isDirect">Whether streams are written straight to their sockets.</param>
    /// <param name="configure">Other settings.</param>
    /// <param name="addServices">Services in place of the library's own.</param>
    /// <param name="listen">What its connections go through, TLS for example.</param>
    /// <param name="port">Its port; 0 for any.</param>
    public static async Task<Replica> StartAsync(
        string connectionString,
        string keyPrefix,
        string name,
        bool isDirect,
        Action<EventStreamsOptions>? configure = null,
        Action<IServiceCollection>? addServices = null,
        Action<ListenOptions>? listen = null,
        int port = 0
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:redis"] = connectionString });
        if (isDirect)
            builder.WebHost.UseEventStreamTransport();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port, listen ?? (static _ => { })));
        addServices?.Invoke(builder.Services);
        builder.AddEventStreams(
            "redis",
            options =>
            {
                options.KeyPrefix = keyPrefix;
                options.ReplicaId = name;
                // Generous, as a test's machine may be busy; what a test proves must not hang on it.
                options.RedisTimeout = TimeSpan.FromSeconds(15);
                configure?.Invoke(options);
            }
        );
        var app = builder.Build();
        app.Use(
            (context, next) =>
            {
                if (context.Request.Headers.TryGetValue(UserHeader, out var user))
                    context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user.ToString())], "test"));
                return next(context);
            }
        );
        app.MapEventHistory("/streams/{topic}/events");
        app.MapEventStream("/streams/{topic}");
        app.MapEventStreams("/streams");
        await app.StartAsync();
        return new Replica(app, name, new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan });
    }

    /// <summary>A topic that has ended, and the id of its end: where there is one, streams are over this topic and the one that is asked
    /// for.</summary>
    public (Topic Topic, EventStreams.EventId End)? Beside { get; set; }

    /// <summary>Opens a stream.</summary>
    /// <param name="topic">Its topic.</param>
    /// <param name="lastEventId">The header.</param>
    /// <param name="query">What else the address has.</param>
    public Task<SseStream> OpenAsync(Topic topic, string? lastEventId = null, string query = "") =>
        Beside is not { } beside
            ? SseStream.OpenAsync(Client, $"/streams/{topic}?{query}", lastEventId)
            : SseStream.OpenAsync(
                Client,
                $"/streams?topic={beside.Topic}&topic={topic}&"
                    + query.Replace("lastEventId=", $"lastEventId={beside.End}.", StringComparison.Ordinal),
                lastEventId is null && query.Contains("lastEventId", StringComparison.Ordinal) ? null : $"{beside.End}.{lastEventId}",
                topic: 1
            );

    /// <summary>Begins an orderly stop, as SIGTERM does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
