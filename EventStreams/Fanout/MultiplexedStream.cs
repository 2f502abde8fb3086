using EventStreams.Telemetry;
using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>
/// One open stream over several topics: a <see cref="StreamConnection"/> for each of them, which its topic serves as it serves any other.
/// One that has had its topic's end is over by itself; whatever else closes one closes all.
/// </summary>
internal sealed class MultiplexedStream : IOpenStream
{
    private readonly StreamSink _sink;
    private readonly Multiplexer _multiplexer;
    private readonly List<(TopicFeed Feed, StreamConnection Connection)> _topics = [];

    /// <param name="sink">The connection's.</param>
    /// <param name="cursors">Where the topics begin, in the order of the request.</param>
    /// <param name="flushes">Does the writes.</param>
    public MultiplexedStream(StreamSink sink, byte[][] cursors, FlushQueue flushes)
    {
        _sink = sink;
        Cursors = new CursorSet(cursors);
        _multiplexer = new Multiplexer(sink, Cursors, cursors.Length, flushes, () => RequestClose(StreamClose.Gone));
    }

    /// <summary>What the client has of each topic, as far as it is written.</summary>
    public CursorSet Cursors { get; }

    /// <inheritdoc/>
    public string? LastId => Cursors.Text(0);

    /// <inheritdoc/>
    public Task<StreamClose> Closed { get; private set; } = Task.FromResult(StreamClose.None);

    /// <summary>The part of a topic, by its index in the request.</summary>
    public StreamSink SinkOf(int index) => _multiplexer[index];

    /// <summary>Adds a topic that is to be served. Before <see cref="Begin"/>.</summary>
    public void Add(TopicFeed feed, StreamConnection connection) => _topics.Add((feed, connection));

    /// <summary>Writes a block of a topic. Before <see cref="Begin"/>.</summary>
    public ValueTask WriteAsync(int index, byte[] block)
    {
        var buffer = new WireBuffer();
        buffer.Write(SseEncoder.WithoutId(block));
        SseEncoder.WriteId(buffer, Cursors, index);
        return _sink.WriteAsync(buffer.Framed());
    }

    /// <summary>Has the topics serve the stream.</summary>
    public void Begin(EventStreamHub hub, EventStreamsOptions options, EventStreamsMetrics metrics)
    {
        hub.Begin(_topics);
        Closed = WhenClosedAsync(options, metrics);
    }

    /// <inheritdoc/>
    public void RequestClose(StreamClose reason)
    {
        foreach (var (_, connection) in _topics)
            connection.RequestClose(reason);
    }

    private async Task<StreamClose> WhenClosedAsync(EventStreamsOptions options, EventStreamsMetrics metrics)
    {
        var closes = await Task.WhenAll(_topics.Select(topic => WhenTopicClosedAsync(topic.Feed, topic.Connection)));
        var close = Array.Find(closes, static reason => reason != StreamClose.Ended);
        if (close == StreamClose.None)
            close = StreamClose.Ended;
        if (_sink.IsClosed || close is StreamClose.Gone or StreamClose.TooSlow)
            return close;
        // The topics are done with the stream; what they have handed over may still wait for the client to read.
        var patience =
            close == StreamClose.Draining && options.DrainTime < options.SlowClientTimeout ? options.DrainTime : options.SlowClientTimeout;
        var written = _multiplexer.EndAsync();
        if (await Task.WhenAny(written, Task.Delay(patience)) == written)
            return close;
        metrics.Dropped();
        _multiplexer.Abort();
        return StreamClose.TooSlow;
    }

    private async Task<StreamClose> WhenTopicClosedAsync(TopicFeed feed, StreamConnection connection)
    {
        var reason = await connection.Closed;
        feed.Pump.OnClosed();
        if (reason != StreamClose.Ended)
            RequestClose(reason);
        return reason;
    }
}

/// <summary>A stream of one topic or several that can be closed.</summary>
internal interface IOpenStream
{
    /// <summary>Ends when the stream is over and nobody writes to its connection, with the reason.</summary>
    Task<StreamClose> Closed { get; }

    /// <summary>The last id that was written; null for none. Of use when the stream is over.</summary>
    string? LastId { get; }

    /// <summary>Closes the stream: at once when nobody writes, else when the write has ended.</summary>
    void RequestClose(StreamClose reason);
}
