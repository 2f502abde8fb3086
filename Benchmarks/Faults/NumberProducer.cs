using System.Globalization;
using EventStreams;
using HistoryChecker;

namespace Benchmarks.Faults;

/// <summary>Publishes 1, 2, 3 … to a topic at a steady pace. A publish whose outcome is unknown is repeated with the same sequence number
/// until there is an answer.</summary>
internal sealed class NumberProducer(IEventPublisher publisher, string topic, TimeSpan pace, HistoryWriter? history = null)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Topic _topic = EventStreams.Topic.Parse(topic);
    private readonly string _producerId = Guid.NewGuid().ToString("N");

    public string Topic => topic;

    /// <summary>The newest number that was acknowledged.</summary>
    public int Newest { get; private set; }

    /// <summary>Publishes that were repeated.</summary>
    public int Retries { get; private set; }

    /// <summary>Publishes until it is canceled; the last one is brought to its end first.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await PublishAsync(Newest + 1);
            Newest++;
            await Task.Delay(pace, CancellationToken.None);
        }
    }

    private async Task PublishAsync(int number)
    {
        var content = number.ToString(CultureInfo.InvariantCulture);
        var options = new PublishOptions { ProducerId = _producerId, Sequence = number };
        while (true)
        {
            var began = history?.Now ?? 0;
            try
            {
                var result = await publisher.PublishAsync(_topic, EventMessage.Text("number", content), options);
                history?.Attempt(
                    topic,
                    content,
                    began,
                    result.IsStored ? AttemptOutcome.Acknowledged : AttemptOutcome.Refused,
                    $"{result.Id}"
                );
                return;
            }
            catch (EventStreamUnavailableException)
            {
                history?.Attempt(topic, content, began, AttemptOutcome.Unknown);
                Retries++;
                await Task.Delay(Pause);
            }
        }
    }
}
