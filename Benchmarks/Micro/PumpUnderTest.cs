using System.Diagnostics.Metrics;
using EventStreams;
using EventStreams.Fanout;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks.Micro;

/// <summary>A pump with streams whose sinks take everything and count.</summary>
internal sealed class PumpUnderTest : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualResetEventSlim _isDone = new();
    private readonly FrameRing _ring;
    private readonly TopicPump _pump;
    private readonly int _streams;
    private long _offset;
    private int _left;

    private PumpUnderTest(int streams)
    {
        _streams = streams;
        // Without a rest between passes, so that each event is a pass of its own.
        var options = new EventStreamsOptions { MaxCoalescing = TimeSpan.Zero, MaxCoalescingWhenHot = TimeSpan.Zero };
        _ring = new FrameRing(options.RingCapacity);
        _pump = new TopicPump(
            _ring,
            Topic.Parse("bench"),
            options,
            new EventStreamsMetrics(_services.GetRequiredService<IMeterFactory>()),
            NullLogger.Instance,
            static _ => throw new InvalidOperationException("A stream fell behind.")
        );
        lock (_ring.Gate)
            _ring.StartRun(Samples.Start, gap: null);
        for (var i = 0; i < streams; i++)
        {
            var stream = new StreamConnection(new CountingSink(this));
            stream.TryMove(StreamState.CatchingUp, StreamState.Live);
            _pump.Enqueue(stream);
        }
    }

    public static PumpUnderTest Open(int streams)
    {
        var pump = new PumpUnderTest(streams);
        pump.Pass();
        return pump;
    }

    /// <summary>Appends an event and waits until every stream has it.</summary>
    public void Pass()
    {
        var frame = Samples.Frame(++_offset);
        Volatile.Write(ref _left, _streams);
        _isDone.Reset();
        lock (_ring.Gate)
            _ring.Append(frame);
        _pump.OnAppended();
        if (!_isDone.Wait(TimeSpan.FromSeconds(10)))
            throw new TimeoutException($"{_left} streams were left out.");
    }

    public void Dispose()
    {
        _pump.Dispose();
        _services.Dispose();
        _isDone.Dispose();
    }

    private sealed class CountingSink(PumpUnderTest owner) : StreamSink
    {
        public override bool IsClosed => false;

        public override bool TryWrite(WireBytes bytes)
        {
            // Passes do not overlap, so that counting needs no interlocked step, which would be most of what is measured.
            if (--owner._left == 0)
                owner._isDone.Set();
            return true;
        }

        public override ValueTask WriteAsync(WireBytes bytes) => ValueTask.CompletedTask;

        public override void Abort() { }
    }
}
