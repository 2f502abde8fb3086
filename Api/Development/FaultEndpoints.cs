using Api.Problems;
using EventStreams;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Api.Development;

/// <summary>
/// Faults that a demonstration causes: a replica stops itself, Redis closes its connections. Only in Development, and only for programs and the page's own server: a page of another
/// site that a developer has open could otherwise call them through the browser. Elsewhere these addresses do not exist.
/// </summary>
internal static partial class FaultEndpoints
{
    // Until the answer has left, through whatever lies between.
    private static readonly TimeSpan StopDelay = TimeSpan.FromMilliseconds(200);

    public static void MapFaults(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            return;
        var group = app.MapGroup("/development").ExcludeFromDescription().AddEndpointFilter(RefuseBrowsersAsync);
        group.MapPost("/stop", Stop);
        group.MapPost("/redis/disconnect", DisconnectAsync);
    }

    // Browsers name the origin of every POST; programs do not.
    private static ValueTask<object?> RefuseBrowsersAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Request.Headers;
        if (headers.Origin.Count > 0 || headers.ContainsKey("Sec-Fetch-Site"))
            throw new ApiException(StatusCodes.Status403Forbidden, "Faults are not caused from a browser. Call this address from a program, such as curl.");
        return next(context);
    }

    /// <summary>Stops this replica, if it is the one that is meant: a balancer decides which one gets the call.</summary>
    private static Accepted Stop(string replica, IOptions<EventStreamsOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Program> logger)
    {
        if (replica != options.Value.ReplicaId)
            throw ApiException.Conflict($"This is replica {options.Value.ReplicaId}; ask again on another connection.");
        LogStops(logger, replica);
        _ = StopSoonAsync(lifetime, time);
        return TypedResults.Accepted((string?)null);
    }

    private static async Task StopSoonAsync(IHostApplicationLifetime lifetime, TimeProvider time)
    {
        await Task.Delay(StopDelay, time);
        lifetime.StopApplication();
    }

    /// <summary>Has Redis close every connection, this call's aside: for all clients it is as if Redis had been away for a moment.</summary>
    private static async Task<Accepted> DisconnectAsync(IConfiguration configuration)
    {
        // A connection of its own, which may give orders to the server, and which spares itself.
        var options = ConfigurationOptions.Parse(configuration.GetConnectionString("redis")!);
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        foreach (var server in redis.GetServers().Where(server => server.IsConnected))
            await server.ExecuteAsync("CLIENT", "KILL", "SKIPME", "yes");
        return TypedResults.Accepted((string?)null);
    }

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} stops, as it was asked to.")]
    private static partial void LogStops(ILogger logger, string replica);
}
