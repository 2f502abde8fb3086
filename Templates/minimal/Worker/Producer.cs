using EventStreams;

namespace Worker;

/// <summary>Makes the events: a temperature a second, published to a topic. It knows nothing of clients, replicas or server-sent
/// events.</summary>
internal sealed partial class Producer(IEventPublisher publisher, TimeProvider time, ILogger<Producer> logger) : BackgroundService
{
    private static readonly Topic Feed = Topic.Parse("feed");
    private static readonly string[] Cities = ["Accra", "Berlin", "Lima", "Oslo"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var seconds = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        for (var number = 0; await seconds.WaitForNextTickAsync(stoppingToken); number++)
        {
            // With a key, the topic also keeps the newest reading of each city: clients that join with ?from=state get these first.
            var reading = new Reading(Cities[number % Cities.Length], Math.Round(18 + (6 * Math.Sin(number / 10.0)), 1));
            try
            {
                await publisher.PublishAsync(
                    Feed,
                    EventMessage.Json("reading", reading, key: reading.City),
                    cancellationToken: stoppingToken
                );
            }
            catch (EventStreamUnavailableException e)
            {
                LogMissed(logger, e.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "A reading was not published: {Reason}")]
    private static partial void LogMissed(ILogger logger, string reason);

    private sealed record Reading(string City, double Degrees);
}
