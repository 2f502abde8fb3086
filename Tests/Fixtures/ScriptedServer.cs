using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>A server on a port of its own that answers each request with the next step of a script, and keeps what the requests
/// said.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script;
    private readonly ConcurrentQueue<string?> _cursors = new();
    private readonly ConcurrentQueue<string> _connections = new();
    private readonly WebApplication _app;

    private ScriptedServer(IEnumerable<Func<HttpContext, Task>> script)
    {
        _script = new ConcurrentQueue<Func<HttpContext, Task>>(script);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The requests' <c>Last-Event-ID</c>, or what their query has in its place, in the order in which they came; null for a
    /// request without one.</summary>
    public IReadOnlyList<string?> Cursors => [.. _cursors];

    /// <summary>The ids of the connections that the requests came on.</summary>
    public IReadOnlyList<string> Connections => [.. _connections];

    public static async Task<ScriptedServer> StartAsync(params Func<HttpContext, Task>[] script)
    {
        var server = new ScriptedServer(script);
        await server._app.StartAsync();
        server.Client = new HttpClient { BaseAddress = new Uri(server._app.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan };
        return server;
    }

    /// <summary>A stream of these bytes that is then closed in order.</summary>
    public static Func<HttpContext, Task> Stream(string text, string? contentType = null) =>
        context =>
        {
            context.Response.ContentType = contentType;
            return WriteAsync(context, text);
        };

    /// <summary>A stream of these bytes that then breaks.</summary>
    /// <param name="text">The bytes.</param>
    /// <param name="received">How many bytes of streams the client has received in all: a connection that is reset takes along what has not
    /// been read yet.</param>
    public static Func<HttpContext, Task> Broken(string text, Func<long> received) =>
        async context =>
        {
            var before = received();
            await WriteAsync(context, text);
            await Eventually.HoldsAsync(() => received() >= before + text.Length, "the client has received everything before the break");
            context.Abort();
        };

    /// <summary>A stream of these bytes that stays open until the client leaves.</summary>
    public static Func<HttpContext, Task> Open(string text) =>
        async context =>
        {
            await WriteAsync(context, text);
            await UntilLeftAsync(context);
        };

    /// <summary>An answer with nothing but a status, and a body where one is given.</summary>
    public static Func<HttpContext, Task> Status(
        int status,
        string? body = null,
        string contentType = "application/problem+json",
        string? retryAfter = null
    ) =>
        async context =>
        {
            context.Response.StatusCode = status;
            if (retryAfter is not null)
                context.Response.Headers.RetryAfter = retryAfter;
            if (body is null)
                return;
            context.Response.ContentType = contentType;
            await context.Response.WriteAsync(body);
        };

    /// <summary>Begins a stream, or goes on with it.</summary>
    public static async Task WriteAsync(HttpContext context, string text)
    {
        if (!context.Response.HasStarted)
            context.Response.ContentType ??= "text/event-stream; charset=utf-8";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await context.Response.Body.FlushAsync();
    }

    /// <summary>Ends when the client has left.</summary>
    public static async Task UntilLeftAsync(HttpContext context)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context
            .Features.GetRequiredFeature<IHttpRequestLifetimeFeature>()
            .RequestAborted.UnsafeRegister(_ => left.TrySetResult(), null);
        await left.Task;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        _cursors.Enqueue(context.Request.Headers["Last-Event-ID"] is [{ } cursor] ? cursor : (string?)context.Request.Query["lastEventId"]);
        _connections.Enqueue(context.Connection.Id);
        // A request that the script does not foresee ends the client at once, and its cursor tells the test.
        return _script.TryDequeue(out var step) ? step(context) : Status(StatusCodes.Status410Gone)(context);
    }
}
