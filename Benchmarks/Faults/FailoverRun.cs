using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Benchmarks.Publishing;
using EventStreams;

namespace Benchmarks.Faults;

/// <summary>What killed primaries have cost.</summary>
/// <param name="Acknowledged">Publishes that were acknowledged.</param>
/// <param name="Repeated">Attempts without an answer, that were repeated.</param>
/// <param name="Lost">Acknowledged events that are not in the log of any server now.</param>
/// <param name="Duplicated">Events that are in the log twice.</param>
internal sealed record FailoverOutcome(int Acknowledged, int Repeated, int Lost, int Duplicated);

/// <summary>
/// Publishers that repeat what has no answer, and a primary that is killed at any moment; its copy takes over. At the end the log is read,
/// and compared with what was acknowledged.
/// </summary>
internal sealed class FailoverRun(Durability durability, Action<string> progress)
{
    private const int Publishers = 8;
    private const int PageSize = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<Topic, ConcurrentBag<int>> _acknowledged = [];
    private int _repeated;

    public async Task<FailoverOutcome> RunAsync(int rounds)
    {
        await using var pair = await FaultPair.StartAsync();
        using var host = PublisherUnderTest.BuildHost(
            pair.ConnectionString,
            options =>
            {
                options.Durability = durability;
                options.ConfirmationTimeout = TimeSpan.FromMilliseconds(500);
                options.MaxLogLength = 10_000_000;
            }
        );
        using var stop = new CancellationTokenSource();
        var publisher = host.Services.GetRequiredService<IEventPublisher>();
        var publishing = Enumerable.Range(0, Publishers).Select(i => Task.Run(() => PublishAsync(publisher, i, stop.Token))).ToList();
        for (var round = 1; round <= rounds; round++)
        {
            // A round begins when every publisher has been answered since the last; when in it the primary is killed, chance decides.
            var before = _acknowledged.ToDictionary(topic => topic.Key, topic => topic.Value.Count);
            await UntilAsync(
                publishing,
                () =>
                    _acknowledged.Count == Publishers && _acknowledged.All(topic => topic.Value.Count > before.GetValueOrDefault(topic.Key))
            );
            // In every second round the copy has fallen behind by then.
            if (round % 2 == 0)
                await pair.HoldCopyAsync();
            await Task.Delay(Random.Shared.Next(1, 150));
            await pair.FailOverAsync();
            progress($"[{round}/{rounds}] {_acknowledged.Sum(topic => topic.Value.Count)} acknowledged, {_repeated} repeated");
        }
        await stop.CancelAsync();
        await Task.WhenAll(publishing);
        var (lost, duplicated) = (0, 0);
        foreach (var (topic, numbers) in _acknowledged)
        {
            var stored = await ReadAsync(host.Services.GetRequiredService<IEventLog>(), topic);
            duplicated += stored.Count - stored.Distinct().Count();
            lost += numbers.Except(stored).Count();
        }
        return new FailoverOutcome(_acknowledged.Sum(topic => topic.Value.Count), _repeated, lost, duplicated);
    }

    private async Task PublishAsync(IEventPublisher publisher, int index, CancellationToken stop)
    {
        var topic = Topic.Parse(string.Create(CultureInfo.InvariantCulture, $"failover:{index}"));
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var message = EventMessage.Text("number", number.ToString(CultureInfo.InvariantCulture));
            while (!await TryPublishAsync(publisher, topic, message, new PublishOptions { ProducerId = "p", Sequence = number }))
                await Task.Delay(Pause, CancellationToken.None);
            _acknowledged.GetOrAdd(topic, _ => []).Add(number);
        }
    }

    private async Task<bool> TryPublishAsync(IEventPublisher publisher, Topic topic, EventMessage message, PublishOptions options)
    {
        try
        {
            return (await publisher.PublishAsync(topic, message, options)).IsStored;
        }
        catch (EventStreamUnavailableException)
        {
            Interlocked.Increment(ref _repeated);
            return false;
        }
    }

    private static async Task<List<int>> ReadAsync(IEventLog log, Topic topic)
    {
        var numbers = new List<int>();
        var after = 0L;
        while (await log.ReadAsync(topic, after, PageSize) is { Events: { Count: > 0 } events })
        {
            numbers.AddRange(events.Select(e => int.Parse(Encoding.UTF8.GetString(e.Payload.Span), CultureInfo.InvariantCulture)));
            after = events[^1].Id.Offset;
        }
        return numbers;
    }

    private static async Task UntilAsync(List<Task> publishing, Func<bool> condition)
    {
        var started = Environment.TickCount64;
        while (!condition())
        {
            // One that ended tells why.
            foreach (var ended in publishing.Where(task => task.IsCompleted))
                await ended;
            if (Environment.TickCount64 - started > TimeSpan.FromMinutes(2).TotalMilliseconds)
                throw new TimeoutException("Nothing is acknowledged any more.");
            await Task.Delay(10);
        }
    }
}
