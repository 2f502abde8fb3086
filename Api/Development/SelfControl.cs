using Api.Problems;
using EventStreams;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Api.Development;

/// <summary>
/// What a replica can do to itself, so that a demonstration can break things where nobody else may be asked to. Only in Development; elsewhere these addresses do not exist.
/// </summary>
internal static partial class SelfControl
{
    // Until the answer has left, through whatever lies between.
    private static readonly TimeSpan StopDelay = TimeSpan.FromMilliseconds(200);

    public static void MapSelfControl(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            return;
        var group = app.MapGroup("/development").ExcludeFromDescription();
        group.MapPost("/stop", Stop);
        group.MapPost("/redis/disconnect", DisconnectAsync);
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
