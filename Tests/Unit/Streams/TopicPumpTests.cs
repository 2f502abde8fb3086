using System.Diagnostics.Metrics;
using EventStreams;
using EventStreams.Fanout;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Fixtures;

namespace Tests.Unit.Streams;

public sealed class TopicPumpTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FrameRing _ring = new(1024);
    private readonly TopicPump _pump;
    private int _offset;

    public TopicPumpTests()
    {
        // Without a rest between passes, so that each event asks for one.
        var options = new EventStreamsOptions { MaxCoalescing = TimeSpan.Zero, MaxCoalescingWhenHot = TimeSpan.Zero };
        _pump = new TopicPump(
            _ring,
            Topic.Parse("t"),
            options,
            new EventStreamsMetrics(_services.GetRequiredService<IMeterFactory>()),
            NullLogger.Instance,
            static _ => throw new InvalidOperationException("A stream fell behind.")
        );
        _ring.StartRun(new EventId("e", 0), gap: null);
    }

    public void Dispose()
    {
        _pump.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task The_thread_that_brings_an_event_makes_one_pass_however_many_follow()
    {
        const int Events = 500;
        var threads = new List<int>();
        await AddAsync(
            new ActingSink(_ =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                if (threads.Count < Events)
                    Append();
            })
        );
        // On a thread of its own, so that none of the pool's can be it.
        var bringer = 0;
        var thread = new Thread(() =>
        {
            bringer = Environment.CurrentManagedThreadId;
            Append();
        });
        thread.Start();
        thread.Join();
        await Eventually.HoldsAsync(() => Volatile.Read(ref _offset) == Events && threads.Count == Events, "all events are written");
        Assert.Equal(1, threads.Count(t => t == bringer));
    }

    [Fact]
    public async Task A_stream_that_cannot_be_written_to_is_closed_and_the_others_are_served()
    {
        var written = 0;
        var broken = await AddAsync(new ActingSink(_ => throw new NotSupportedException("broken")));
        await AddAsync(new ActingSink(_ => written++));
        var alsoBroken = await AddAsync(new ActingSink(_ => throw new NotSupportedException("broken")));
        Append();
        Append();
        _pump.RequestHousekeeping();
        await Eventually.HoldsAsync(() => Volatile.Read(ref written) == 2, "the whole stream is served");
        Assert.Equal(StreamClose.Gone, await broken.Closed.WaitAsync(Eventually.DefaultLimit));
        Assert.Equal(StreamClose.Gone, await alsoBroken.Closed.WaitAsync(Eventually.DefaultLimit));
    }

    private async Task<StreamConnection> AddAsync(StreamSink sink)
    {
        var stream = new StreamConnection(sink);
        stream.TryMove(StreamState.CatchingUp, StreamState.Live);
        _pump.Enqueue(stream);
        await Eventually.HoldsAsync(() => stream.IsListed, "the pump has the stream");
        return stream;
    }

    private void Append()
    {
        lock (_ring.Gate)
            _ring.Append(new Frame(FrameKind.Event, new EventId("e", ++_offset, 7), WireBytes.Of("data: x\n\n"u8)));
        _pump.OnAppended();
    }

    private sealed class ActingSink(Action<WireBytes> act) : StreamSink
    {
        public override bool IsClosed => false;

        public override bool TryWrite(WireBytes bytes)
        {
            act(bytes);
            return true;
        }

        public override ValueTask WriteAsync(WireBytes bytes) => ValueTask.CompletedTask;

        public override void Abort() { }
    }
}
