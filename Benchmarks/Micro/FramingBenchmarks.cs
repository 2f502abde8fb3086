using BenchmarkDotNet.Attributes;
using EventStreams;
using EventStreams.Fanout;
using EventStreams.Log;
using EventStreams.Wire;

namespace Benchmarks.Micro;

/// <summary>What an event costs a replica once, however many streams it goes to: from the entry on the channel to the bytes for the
/// wire.</summary>
public class FramingBenchmarks
{
    private readonly string _id = Samples.Event(1234567).Id.ToString();
    private readonly StreamEvent _event = Samples.Event(1234567);
    private readonly Topic _topic = Topic.Parse("bench");

    [Benchmark]
    public object? ParseEntry() => LogEntry.TryParse(Samples.Entry);

    [Benchmark]
    public byte[] EncodeEvent() => SseEncoder.Event(_id, "message", Samples.Payload);

    [Benchmark]
    public byte[] EncodeEventOfFourLines() => SseEncoder.Event(_id, "message", Samples.Lines);

    [Benchmark]
    public object MakeFrame() => Frame.Of(_topic, _event, end: null);

    [Benchmark]
    public object ParseEntryAndMakeFrame() => Frame.Of(_topic, LogEntry.TryParse(Samples.Entry)!, end: null);
}
