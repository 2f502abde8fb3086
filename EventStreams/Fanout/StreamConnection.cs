using EventStreams.Access;
using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>Who may write to a stream at the moment.</summary>
internal enum StreamState
{
    /// <summary>A task feeds it from the log.</summary>
    CatchingUp,

    /// <summary>It waits for frames; the pump may begin a write.</summary>
    Live,

    /// <summary>A write of the pump is under way.</summary>
    Writing,

    /// <summary>Over: nobody writes any more.</summary>
    Closed,
}

/// <summary>
/// One open stream: a cursor into a topic, and the sink that takes its bytes. Whoever moves it out of <see cref="StreamState.Live"/> owns
/// the sink until it moves it back; a wish to close is carried out by the owner. So <see cref="Closed"/> ends only when nobody writes, and
/// the connection, or the request whose buffers the server uses again, may then be given back.
/// </summary>
internal sealed class StreamConnection : IWriteObserver, IOpenStream
{
    private readonly TaskCompletionSource<StreamClose> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = (int)StreamState.CatchingUp;
    private int _closeRequest;
    private int _writeEnded;

    public StreamConnection(StreamSink sink)
    {
        Sink = sink;
        sink.Observer = this;
    }

    public StreamSink Sink { get; }

    /// <summary>On what it is served; null where nothing ends it.</summary>
    public StreamGrant? Grant { get; init; }

    /// <summary>Whether it wants to know how many follow the topic.</summary>
    public bool IsWatching { get; init; }

    /// <summary>What it was last told of them.</summary>
    public WireBytes? ToldPresence { get; set; }

    /// <summary>Set before the first write; called when one that was pending has ended.</summary>
    public Action<StreamConnection>? Written { get; set; }

    /// <summary>The last event that was written; null when the stream waits for the first event of a topic without a log.</summary>
    public EventId? Cursor { get; set; }

    /// <inheritdoc/>
    public string? LastId => Cursor?.ToString();

    /// <summary>What the client has seen of an epoch of the log that is over, and must not get again; null when there was none while it was
    /// connected.</summary>
    public SeenEvents? Earlier { get; set; }

    /// <summary>Whether the stream is given the topic's state at its beginning and behind every gap.</summary>
    public bool FollowsState { get; init; }

    /// <summary>The place behind which the next part of the state follows; null while the stream stands in the log.</summary>
    public StateCursor? StateAfter { get; set; }

    /// <summary>The ring position of the next frame, unless the stream is catching up.</summary>
    public long Position { get; set; }

    /// <summary>Whether a catching-up stream waits for its socket.</summary>
    public bool IsReplayBlocked { get; set; }

    /// <summary>Whether the pump has the stream in its list.</summary>
    public bool IsListed { get; set; }

    /// <summary>How the stream begins, as far as it is known while it catches up for the first time; null once it has been
    /// counted.</summary>
    public string? Beginning { get; set; }

    /// <summary>Whether the write under way ends the topic.</summary>
    public bool ClosesAfterWrite { get; set; }

    /// <summary>Whether the stream is to be closed; the owner looks at it wherever it waits.</summary>
    public bool IsCloseRequested => Volatile.Read(ref _closeRequest) != 0;

    public StreamState State => (StreamState)Volatile.Read(ref _state);

    /// <summary>Ends when the stream is over and nobody writes to the sink, with the reason.</summary>
    public Task<StreamClose> Closed => _closed.Task;

    /// <summary>Moves the stream on. False when it is over; a pending close is carried out now. Called by the owner or, from Live, by the
    /// one who wants to become it.</summary>
    public bool TryMove(StreamState from, StreamState to)
    {
        if (Interlocked.CompareExchange(ref _state, (int)to, (int)from) != (int)from)
            return false;
        if (Volatile.Read(ref _closeRequest) == 0)
            return true;
        CloseFrom(to);
        return false;
    }

    /// <summary>Called by the sink when a write that was pending has ended.</summary>
    public void OnWritten()
    {
        Volatile.Write(ref _writeEnded, 1);
        Written!(this);
    }

    /// <summary>Whether the write that was pending has ended: true once for each. That the pump is handed the stream does not say so, as it
    /// gets streams for other reasons too.</summary>
    public bool TakeWriteEnded() => Interlocked.Exchange(ref _writeEnded, 0) == 1;

    /// <summary>Has the stream closed when it may not be served any longer.</summary>
    public void CheckGrant()
    {
        if (Grant?.Verdict(Environment.TickCount64) is { } verdict and not GrantVerdict.Valid)
            RequestClose(verdict == GrantVerdict.Revoked ? StreamClose.Revoked : StreamClose.Expired);
    }

    /// <summary>Closes the stream: at once when nobody writes, else when the owner has ended its write.</summary>
    public void RequestClose(StreamClose reason)
    {
        Interlocked.CompareExchange(ref _closeRequest, (int)reason, 0);
        CloseFrom(StreamState.Live);
    }

    /// <summary>Closes the stream; called by the owner.</summary>
    public void CloseAsOwner(StreamClose reason)
    {
        Interlocked.CompareExchange(ref _closeRequest, (int)reason, 0);
        CloseFrom(State);
    }

    private void CloseFrom(StreamState state)
    {
        if (state != StreamState.Closed && Interlocked.CompareExchange(ref _state, (int)StreamState.Closed, (int)state) == (int)state)
            _closed.TrySetResult((StreamClose)Volatile.Read(ref _closeRequest));
    }
}

/// <summary>Why a stream is closed.</summary>
internal enum StreamClose
{
    /// <summary>It is open.</summary>
    None,

    /// <summary>The client went away.</summary>
    Gone,

    /// <summary>The topic has ended.</summary>
    Ended,

    /// <summary>The replica shuts down.</summary>
    Draining,

    /// <summary>The client does not take its bytes.</summary>
    TooSlow,

    /// <summary>The log cannot be read; the client shall come back later.</summary>
    Unavailable,

    /// <summary>The client's credential has expired.</summary>
    Expired,

    /// <summary>The topic, or whoever follows it, was revoked.</summary>
    Revoked,
}
