using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>
/// Writes the streams of several topics to one connection. Each topic's pump and replay write to a <see cref="MultiplexedSink"/> as they
/// would to a connection; what they have handed over by the time of the next write goes out in one piece. A block is a frame's own bytes,
/// which all streams share, without their last line, and the stream's own id (<see cref="CursorSet"/>) in its place. A topic's cursor moves
/// when its block is put into a write, so that an id says of every topic what stands before it on the wire.
/// </summary>
internal sealed class Multiplexer : IWriteObserver
{
    // What a stream holds of its own while its client does not read; a larger frame is written alone.
    private const int MaxWriteBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly StreamSink _sink;
    private readonly CursorSet _cursors;
    private readonly FlushQueue _flushes;
    private readonly Action _gone;
    private readonly MultiplexedSink[] _topics;
    private readonly Queue<MultiplexedSink> _ready = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WireBuffer? _pending;
    private bool _isBusy;
    private bool _isOver;
    private bool _isEnding;

    /// <param name="sink">The connection's. Nobody else writes to it from now on.</param>
    /// <param name="cursors">Where the stream's topics begin.</param>
    /// <param name="topics">How many topics there are.</param>
    /// <param name="flushes">Does the writes.</param>
    /// <param name="gone">Is told once when nothing can be written any more.</param>
    public Multiplexer(StreamSink sink, CursorSet cursors, int topics, FlushQueue flushes, Action gone)
    {
        (_sink, _cursors, _flushes, _gone) = (sink, cursors, flushes, gone);
        _topics = new MultiplexedSink[topics];
        for (var i = 0; i < topics; i++)
            _topics[i] = new MultiplexedSink(this, i);
        sink.Observer = this;
    }

    /// <summary>The part of a topic, by its index in the request.</summary>
    public MultiplexedSink this[int index] => _topics[index];

    public long LastWriteAt => _sink.LastWriteAt;

    public bool IsClosed => _sink.IsClosed;

    /// <summary>Takes a topic's piece for the next write; false when its writer must wait.</summary>
    public bool TryAdd(MultiplexedSink topic, MultiplexedSink.Piece piece, bool isAwaited, out Task taken)
    {
        bool isTaken;
        lock (_gate)
        {
            taken = Task.CompletedTask;
            if (_isOver)
                return true;
            // A heartbeat is not needed where something goes out anyway. While the connection is blocked it must wait, though, so that this
            // is noticed.
            if (piece is { Batch: null, Notice: null } && _pending is null && _ready.Count > 0)
                return true;
            isTaken = topic.Add(piece, isAwaited, out taken);
            if (isTaken)
                _ready.Enqueue(topic);
            if (_isBusy)
                return isTaken;
            _isBusy = true;
        }
        _flushes.Enqueue(this);
        return isTaken;
    }

    /// <summary>Writes what was handed over so far, and then nothing more. Ends also when the connection does.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
            if (!_isBusy)
                _over.TrySetResult();
        }
        return _over.Task;
    }

    public void Abort()
    {
        _sink.Abort();
        GiveUp();
    }

    /// <summary>Writes what has been handed over. Returns how many events that was. Called by the queue, with a buffer that the stream
    /// keeps (and sets null) while the write is pending.</summary>
    public int Flush(ref WireBuffer? buffer)
    {
        var events = 0;
        bool isCut;
        do
        {
            buffer ??= new WireBuffer();
            isCut = Gather(buffer, ref events);
            if (buffer.Length == 0)
                break;
            // Set before the write, since its end may be told on another thread before TryWrite returns.
            var writing = buffer;
            lock (_gate)
                _pending = writing;
            _sink.LastWriteAt = Environment.TickCount64;
            if (!_sink.TryWrite(writing.Framed()))
            {
                buffer = null;
                return events;
            }
            lock (_gate)
                _pending = null;
            writing.Clear();
        } while (isCut && !_sink.IsClosed);
        EndWrite();
        return events;
    }

    void IWriteObserver.OnWritten()
    {
        lock (_gate)
            _pending = null;
        EndWrite();
    }

    private void EndWrite()
    {
        if (_sink.IsClosed)
        {
            GiveUp();
            return;
        }
        lock (_gate)
        {
            _isBusy = _ready.Count > 0;
            if (!_isBusy)
            {
                if (_isEnding || _isOver)
                    _over.TrySetResult();
                return;
            }
        }
        _flushes.Enqueue(this);
    }

    // Puts what is ready into a write; true when there is more than goes into one.
    private bool Gather(WireBuffer buffer, ref int events)
    {
        while (true)
        {
            MultiplexedSink? topic;
            MultiplexedSink.Piece piece;
            lock (_gate)
            {
                if (!_ready.TryPeek(out topic))
                    return false;
                piece = topic.Current!.Value;
            }
            if (!Write(buffer, topic, piece))
                return true;
            events += piece.Batch?.EventCount ?? 0;
            Action? tellWriter;
            lock (_gate)
            {
                // Given up meanwhile, the queue is empty.
                if (!_ready.TryDequeue(out _))
                    return false;
                tellWriter = topic.Next();
                if (topic.Current is not null)
                    _ready.Enqueue(topic);
            }
            tellWriter?.Invoke();
        }
    }

    // True when all of the piece is in the buffer; false when the rest must wait for the next write.
    private bool Write(WireBuffer buffer, MultiplexedSink topic, MultiplexedSink.Piece piece)
    {
        if (piece.Batch is null)
        {
            buffer.Write(piece.Notice is { } notice ? notice.Plain : SseEncoder.Heartbeat);
            return true;
        }
        var frames = piece.Batch.Frames;
        while (topic.Written < frames.Length)
        {
            var frame = frames[topic.Written];
            if (buffer.Length > 0 && buffer.Length + frame.Bytes.Plain.Length > MaxWriteBytes)
                return false;
            var isSeen = piece.Seen?.Has(frame) == true;
            buffer.Write(SseEncoder.WithoutId((isSeen ? frame.PlaceOnly() : frame.Bytes).Plain));
            _cursors.Move(topic.Index, frame.Cursor);
            SseEncoder.WriteId(buffer, _cursors, topic.Index);
            topic.Written++;
        }
        return true;
    }

    // Nothing can be written any more: whoever waits is let go, and the topics' streams are closed.
    private void GiveUp()
    {
        var waiting = new List<Action>();
        lock (_gate)
        {
            if (_isOver && _over.Task.IsCompleted)
                return;
            _isOver = true;
            _ready.Clear();
            foreach (var topic in _topics)
            {
                while (topic.Current is not null)
                {
                    if (topic.Next() is { } tellWriter)
                        waiting.Add(tellWriter);
                }
            }
            _over.TrySetResult();
        }
        waiting.ForEach(static tellWriter => tellWriter());
        _gone();
    }
}
