using System.Collections.Concurrent;
using EventStreams;
using EventStreams.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>An app as somebody would write it around the client module: an empty page, the module, and event streams. It can be told to
/// misbehave.</summary>
internal sealed class ModuleHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<int> _refusals = new();
    private readonly ConcurrentDictionary<HttpContext, bool> _open = new();

    private ModuleHost(WebApplication app) => _app = app;

    public Uri Origin => new(_app.Urls.Single());

    public IEventPublisher Publisher => _app.Services.GetRequiredService<IEventPublisher>();

    public static async Task<ModuleHost> StartAsync(
        string connectionString,
        int maxLogLength = 10_000,
        TimeSpan? ticketLifetime = null,
        string? pages = null
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", connectionString)]);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.AddEventStreams(
            "redis",
            options =>
            {
                options.KeyPrefix = RedisServers.CreateKeyPrefix();
                options.ReplicaId = "one";
                options.MaxLogLength = maxLogLength;
                options.RingCapacity = 16;
                options.RedisTimeout = TimeSpan.FromSeconds(15);
                (options.MinRetry, options.MaxRetry) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50));
            }
        );
        builder.AddStreamTickets();
        if (ticketLifetime is { } lifetime)
        {
            builder.Services.Configure<EventStreamsOptions>(options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(250));
            builder.Services.Configure<StreamAccessOptions>(options => options.TicketLifetime = lifetime);
        }
        var app = builder.Build();
        var host = new ModuleHost(app);
        // A page of its own is served as it is; an endpoint would take its place.
        if (pages is not null)
            app.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(pages) });
        else
            app.MapGet("/", () => Results.Content("<!doctype html><link rel=icon href=data:,><title>Module</title>", "text/html"));
        foreach (var module in new[] { "event-stream.js", "shared-source.js", "shared-connection.js" })
            app.MapGet("/" + module, () => Results.File(Path.Combine(RepositoryFolder.Path, "Web", "wwwroot", module), "text/javascript"));
        app.MapGet(
            "/streams/{topic}",
            (HttpContext context, string topic) => host.ServeAsync(context, new EventStreamResult(Topic.Parse(topic)))
        );
        app.MapGet(
            "/streams",
            (HttpContext context) =>
                host.ServeAsync(context, new EventStreamResult(FollowedTopics.Parse([.. context.Request.Query["topic"]]).Topics!))
        );
        app.MapStreamTickets("/tickets");
        await app.StartAsync();
        return host;
    }

    /// <summary>The next requests for a stream are answered with these statuses.</summary>
    public void Refuse(params int[] statuses)
    {
        foreach (var status in statuses)
            _refusals.Enqueue(status);
    }

    /// <summary>Whether all refusals were asked for.</summary>
    public bool HasRefused => _refusals.IsEmpty;

    /// <summary>Streams that are open now.</summary>
    public int OpenStreams => _open.Count;

    /// <summary>The topics of the streams over several that are open now.</summary>
    public string?[] OpenTopics => [.. _open.Keys.SelectMany(context => context.Request.Query["topic"])];

    /// <summary>Cuts every open stream off, as a killed replica does.</summary>
    public void CutOff()
    {
        foreach (var context in _open.Keys)
            context.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context, EventStreamResult stream)
    {
        if (_refusals.TryDequeue(out var status))
        {
            await Results.Problem(detail: $"Refused with {status}, as the test wants it.", statusCode: status).ExecuteAsync(context);
            return;
        }
        _open[context] = true;
        try
        {
            await stream.ExecuteAsync(context);
        }
        finally
        {
            _open.TryRemove(context, out _);
        }
    }
}
