using System.Diagnostics;
using Api.Problems;
using EventStreams;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Api.Development;

/// <summary>
/// Faults that a demonstration causes: a replica stops, is killed or gives streams away, Redis closes its connections or stands still. Only
/// in Development, and only for programs and the page's own server: a page of another site that a developer has open could otherwise call
/// them through the browser. Elsewhere these addresses do not exist.
/// </summary>
internal static partial class FaultEndpoints
{
    // Until the answer has left, through whatever lies between.
    private static readonly TimeSpan StopDelay = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan PingLimit = TimeSpan.FromSeconds(1);

    public static void MapFaults(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            return;
        var group = app.MapGroup("/development").ExcludeFromDescription().AddEndpointFilter(RefuseBrowsersAsync);
        group.MapPost("/stop", Stop);
        group.MapPost("/kill", Kill);
        group.MapPost("/rebalance", Rebalance);
        group.MapGet("/redis", PingAsync);
        group.MapPost(
            "/redis/disconnect",
            (IConfiguration configuration, string? type) =>
                type is null
                    ? OrderAsync(configuration, "CLIENT", "KILL", "SKIPME", "yes")
                    : OrderAsync(configuration, "CLIENT", "KILL", "TYPE", type)
        );
        group.MapPost(
            "/redis/freeze",
            (IConfiguration configuration, int seconds) => OrderAsync(configuration, "CLIENT", "PAUSE", Milliseconds(seconds), "ALL")
        );
    }

    // Browsers name the origin of every POST; programs do not.
    private static ValueTask<object?> RefuseBrowsersAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Request.Headers;
        if (headers.Origin.Count > 0 || headers.ContainsKey("Sec-Fetch-Site"))
            throw new ApiException(
                StatusCodes.Status403Forbidden,
                "Faults are not caused from a browser. Call this address from a program, such as curl."
            );
        return next(context);
    }

    /// <summary>Stops this replica, which closes its streams in batches as a deployment does.</summary>
    private static Accepted Stop(
        string replica,
        IOptions<EventStreamsOptions> options,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger<Program> logger
    )
    {
        RequireThis(replica, options);
        LogStops(logger, replica);
        _ = SoonAsync(lifetime.StopApplication, time);
        return TypedResults.Accepted((string?)null);
    }

    /// <summary>Ends this replica as <c>kill -9</c> does.</summary>
    private static Accepted Kill(string replica, IOptions<EventStreamsOptions> options, TimeProvider time, ILogger<Program> logger)
    {
        RequireThis(replica, options);
        LogKilled(logger, replica);
        _ = SoonAsync(Process.GetCurrentProcess().Kill, time);
        return TypedResults.Accepted((string?)null);
    }

    /// <summary>Has this replica close a share of its streams, which resume wherever their next connection leads.</summary>
    private static Accepted<StreamsClosed> Rebalance(
        string replica,
        double share,
        IOptions<EventStreamsOptions> options,
        IEventStreamHub hub
    )
    {
        RequireThis(replica, options);
        if (share is not (>= 0 and <= 1))
            throw ApiException.BadRequest("The share is a number from 0 to 1.");
        return TypedResults.Accepted((string?)null, new StreamsClosed(hub.CloseShare(share)));
    }

    // A balancer decides which replica gets a call.
    private static void RequireThis(string replica, IOptions<EventStreamsOptions> options)
    {
        if (replica != options.Value.ReplicaId)
            throw ApiException.Conflict($"This is replica {options.Value.ReplicaId}; ask again on another connection.");
    }

    private static async Task SoonAsync(Action end, TimeProvider time)
    {
        await Task.Delay(StopDelay, time);
        end();
    }

    /// <summary>Whether Redis answers: 204, or 503 after a second.</summary>
    private static async Task<IResult> PingAsync(IConnectionMultiplexer redis, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await redis.GetDatabase().PingAsync().WaitAsync(PingLimit, time, cancellationToken);
            return TypedResults.NoContent();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <summary>Gives an order to every Redis server, on a connection of its own, which may give orders and which a <c>CLIENT KILL</c>
    /// spares.</summary>
    private static async Task<Accepted> OrderAsync(IConfiguration configuration, string command, params object[] arguments)
    {
        var options = ConfigurationOptions.Parse(configuration.GetConnectionString("redis")!);
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        foreach (var server in redis.GetServers().Where(server => server.IsConnected))
            await server.ExecuteAsync(command, arguments);
        return TypedResults.Accepted((string?)null);
    }

    private static int Milliseconds(int seconds) =>
        seconds is >= 1 and <= 60 ? seconds * 1000 : throw ApiException.BadRequest("Name a whole number of seconds from 1 to 60.");

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} stops, as it was asked to.")]
    private static partial void LogStops(ILogger logger, string replica);

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} is killed, as it was asked to be.")]
    private static partial void LogKilled(ILogger logger, string replica);

    /// <summary>What <see cref="Rebalance"/> answers.</summary>
    /// <param name="Closed">Streams that are asked to close.</param>
    internal sealed record StreamsClosed(int Closed);
}
