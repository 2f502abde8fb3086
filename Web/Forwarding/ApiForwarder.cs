using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using Yarp.ReverseProxy.Forwarder;

namespace Web.Forwarding;

/// <summary>Forwards requests to the service <c>api</c>.</summary>
internal sealed partial class ApiForwarder : IDisposable
{
    private const string EventStream = "text/event-stream";
    private const int MinRetryMilliseconds = 500;
    private const int MaxRetryMilliseconds = 2000;

    // A replica answers within its own limit for Redis (5 s). Whatever stands in front of it may take a connection and hold it while there
    // is no replica.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private static readonly ForwarderRequestConfig Calls = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = AnswerLimit,
    };

    // A stream is quiet for as long as its topic is; TCP keep-alive finds the dead ones.
    private static readonly ForwarderRequestConfig Streams = Calls with { ActivityTimeout = Timeout.InfiniteTimeSpan };

    private readonly IHttpForwarder _forwarder;
    private readonly TimeProvider _time;
    private readonly ILogger<ApiForwarder> _logger;
    private readonly HttpMessageInvoker _client;

    public ApiForwarder(IHttpForwarder forwarder, ApiEndpoints endpoints, TimeProvider time, ILogger<ApiForwarder> logger)
    {
        _forwarder = forwarder;
        _time = time;
        _logger = logger;
        var handler = endpoints.CreateHandler();
        handler.ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current);
        _client = new HttpMessageInvoker(handler);
    }

    /// <summary>Forwards one request and its answer. An <c>EventSource</c> is never answered with an error that would make it give
    /// up.</summary>
    public async Task ForwardAsync(HttpContext context)
    {
        var isStream = context.Request.Headers.Accept.ToString().Contains(EventStream, StringComparison.OrdinalIgnoreCase);
        var error = isStream
            ? await BeginStreamAsync(context)
            : await _forwarder.SendAsync(context, ApiEndpoints.Service, _client, Calls, ApiTransformer.Instance);
        if (error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;

        var reason = context.Features.Get<IForwarderErrorFeature>()?.Exception?.Message ?? error.ToString();
        LogNotForwarded(context.Request.Method, context.Request.Path, reason);
        context.Response.Clear();
        if (isStream)
        {
            context.Response.ContentType = EventStream;
            context.Response.Headers.CacheControl = "no-cache, no-store, no-transform";
            var retry = Random.Shared.Next(MinRetryMilliseconds, MaxRetryMilliseconds);
            var busy = $"retry: {retry}\nevent: stream.busy\ndata: {{\"reason\":\"unavailable\",\"retry\":{retry}}}\n\n";
            await context.Response.WriteAsync(busy, context.RequestAborted);
            return;
        }
        await TypedResults
            .Problem(
                title: "The service cannot be reached.",
                detail: "No replica of the service answers right now. Try again in a few seconds.",
                statusCode: StatusCodes.Status502BadGateway
            )
            .ExecuteAsync(context);
    }

    // The limit is for the beginning of the answer, which comes at once.
    private async ValueTask<ForwarderError> BeginStreamAsync(HttpContext context)
    {
        var limit = new CancellationTokenSource(AnswerLimit, _time);
        context.Response.RegisterForDispose(limit);
        context.Response.OnStarting(() =>
        {
            limit.CancelAfter(Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });
        return await _forwarder.SendAsync(context, ApiEndpoints.Service, _client, Streams, ApiTransformer.Instance, limit.Token);
    }

    public void Dispose() => _client.Dispose();

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} could not be forwarded. {Reason}")]
    private partial void LogNotForwarded(string method, PathString path, string reason);
}
