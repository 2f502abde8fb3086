using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventStreams;

namespace Benchmarks.Publishing;

/// <summary>
/// How many events one client brings into Redis: append, trim and publish in one script. Beside the rate it prints the processor time that
/// Redis and the client spend on an event; one core of Redis takes a second divided by the former, whatever else runs on the machine.
/// </summary>
internal static class PublishCommand
{
    private static readonly EventMessage Message = new("message", Encoding.UTF8.GetBytes(new string('x', 150)));

    public static async Task<int> RunAsync(string[] args)
    {
        var events = Arguments.Number(args, "--events", 200_000);
        var only = Arguments.Text(args, "--work") ?? "";
        using var target = await PublisherUnderTest.StartAsync();
        Console.WriteLine("| publishing | events/s | client CPU µs/event | Redis CPU µs/event | one core of Redis takes, events/s |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        await MeasureAsync("one after the other", events / 10, PublishWorks.OneAfterTheOtherAsync);
        await MeasureAsync($"{PublishWorks.Many} calls in flight", events, PublishWorks.ManyInFlightAsync);
        await MeasureAsync($"calls of {PublishWorks.Many} events", events * 2, PublishWorks.BatchesAsync);
        await MeasureAsync("one call with all events", events * 2, PublishWorks.OneLargeBatchAsync);
        return 0;

        async Task MeasureAsync(string work, int count, Func<IEventPublisher, Topic, EventMessage, int, Task> publish)
        {
            if (!work.Contains(only, StringComparison.Ordinal))
                return;
            var topic = Topic.Parse("bench");
            // As many as the log holds, so that the measured ones trim it, and the compiler has seen every path.
            await publish(target.Publisher, topic, Message, Math.Min(count, 20_000));
            using var self = Process.GetCurrentProcess();
            var (redis, client, started) = (target.Redis.ProcessorSeconds, self.TotalProcessorTime, Stopwatch.GetTimestamp());
            await publish(target.Publisher, topic, Message, count);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            self.Refresh();
            var ofRedis = (target.Redis.ProcessorSeconds - redis) / count;
            var ofClient = (self.TotalProcessorTime - client).TotalSeconds / count;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {work} | {count / seconds:0} | {ofClient * 1e6:0.0} | {ofRedis * 1e6:0.0} | {1 / ofRedis:0} |"
                )
            );
        }
    }
}
