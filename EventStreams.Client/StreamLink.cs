namespace EventStreams.Client;

/// <summary>One connection of a stream.</summary>
internal sealed class StreamLink : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IdleTimer _watch;
    private readonly BlockReader _blocks;

    public StreamLink(HttpResponseMessage response, Stream body, IdleTimer watch, StreamCounters counters)
    {
        _response = response;
        _watch = watch;
        _blocks = new BlockReader(new WatchedStream(body, watch, counters));
    }

    /// <summary>What the server asked for as the delay before the next connection, on this one; null for nothing. It may stand in a block
    /// of its own, with no event behind it.</summary>
    public TimeSpan? Retry => _blocks.Retry;

    /// <summary>Whether a block has come that brings the stream on.</summary>
    public bool HasDelivered { get; private set; }

    /// <summary>The next block; null when the server has closed the stream in order. A block that is cut off is none.</summary>
    public async ValueTask<StreamBlock?> ReadAsync()
    {
        try
        {
            var block = await _blocks.ReadAsync(_watch.Token).ConfigureAwait(false);
            HasDelivered |= block is { Type: not Notices.Busy };
            return block;
        }
        catch (OperationCanceledException e) when (_watch.IsDead)
        {
            throw _watch.Death(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _blocks.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
        _watch.Dispose();
    }
}
