using System.Globalization;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using EventStreams;
using EventStreams.Access;
using EventStreams.Fanout;
using EventStreams.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>
/// A replica of an app with users: streams, an authorizer that the test decides for, tickets, and a user by header. <c>X-User</c> is the
/// subject, <c>X-Lifetime</c> what is left of its credential, in seconds.
/// </summary>
internal sealed class AccessApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AccessApp(WebApplication app) => (_app, Client) = (app, app.CreateClient());

    public HttpClient Client { get; }

    public IEventPublisher Publisher => _app.Services.GetRequiredService<IEventPublisher>();

    public IEventStreamControl Control => _app.Services.GetRequiredService<IEventStreamControl>();

    public IStreamPresence Presence => _app.Services.GetRequiredService<IStreamPresence>();

    public IEventLog Log => _app.Services.GetRequiredService<IEventLog>();

    public EventStreamHub Hub => _app.Services.GetRequiredService<EventStreamHub>();

    public Revocations Revocations => _app.Services.GetRequiredService<Revocations>();

    /// <param name="connectionString">Where Redis is.</param>
    /// <param name="keyPrefix">What the replicas of one test share.</param>
    /// <param name="authorizer">Who may follow; null for everybody, as without an authorizer.</param>
    /// <param name="configure">Settings.</param>
    /// <param name="build">More of the app.</param>
    /// <param name="use">Middleware ahead of the endpoints.</param>
    public static async Task<AccessApp> StartAsync(
        string connectionString,
        string keyPrefix,
        IStreamAuthorizer? authorizer = null,
        Action<EventStreamsOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? use = null
    )
    {
        var builder = LoopbackApp.CreateBuilder([new("ConnectionStrings:redis", connectionString)]);
        builder.AddEventStreams(
            "redis",
            options =>
            {
                options.KeyPrefix = keyPrefix;
                options.RedisTimeout = TimeSpan.FromSeconds(15);
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
                configure?.Invoke(options);
            }
        );
        builder.AddStreamTickets();
        if (authorizer is not null)
            builder.Services.AddSingleton(authorizer);
        build?.Invoke(builder);
        var app = builder.Build();
        use?.Invoke(app);
        app.Use(AuthenticateAsync);
        app.MapEventStream("/streams/{topic}");
        app.MapEventStreams("/streams");
        app.MapEventHistory("/streams/{topic}/events");
        app.MapStreamTickets("/tickets");
        await app.StartAsync();
        return new AccessApp(app);
    }

    /// <summary>Stops it in order, as a rolling update does.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Asks for a ticket; the answer's text where there is none.</summary>
    public async Task<(int Status, string Ticket)> TicketAsync(string? user, params Topic[] topics)
    {
        var query = string.Join('&', topics.Select(topic => $"topic={topic}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/tickets?{query}");
        if (user is not null)
            request.Headers.Add("X-User", user);
        using var answer = await Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (
            (int)answer.StatusCode,
            answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement.GetProperty("ticket").GetString()! : text
        );
    }

    /// <summary>Opens a stream with a ticket.</summary>
    public Task<SseStream> OpenAsync(Topic topic, string ticket, string? lastEventId = null) =>
        SseStream.OpenAsync(Client, $"/streams/{topic}?ticket={ticket}", lastEventId);

    /// <summary>Opens a stream as a user.</summary>
    public async Task<SseStream> OpenAsAsync(Topic topic, string? user, double? lifetime = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/streams/{topic}");
        if (user is not null)
            request.Headers.Add("X-User", user);
        if (lifetime is { } seconds)
            request.Headers.Add("X-Lifetime", seconds.ToString(CultureInfo.InvariantCulture));
        return new SseStream(await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.EndAsync();
    }

    // As the authentication middleware leaves it behind.
    private static Task AuthenticateAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers["X-User"].ToString() is { Length: > 0 } name)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name), new Claim("secret", "of no use")], "test"));
            var properties = new AuthenticationProperties();
            if (double.TryParse(context.Request.Headers["X-Lifetime"], CultureInfo.InvariantCulture, out var seconds))
                properties.ExpiresUtc = DateTimeOffset.UtcNow.AddSeconds(seconds);
            var result = AuthenticateResult.Success(new AuthenticationTicket(context.User, properties, "test"));
            context.Features.Set<IAuthenticateResultFeature>(new ResultFeature { AuthenticateResult = result });
        }
        return next(context);
    }

    private sealed class ResultFeature : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; }
    }
}

/// <summary>An authorizer that the test decides for.</summary>
internal sealed class TestAuthorizer(Func<string?, Topic, bool> decide) : IStreamAuthorizer
{
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    public ValueTask<bool> CanSubscribeAsync(ClaimsPrincipal user, Topic topic, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return ValueTask.FromResult(decide(user.FindFirstValue("sub"), topic));
    }
}
