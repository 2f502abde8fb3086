using System.Net.ServerSentEvents;

namespace EventStreams.Client;

/// <summary>One connection of a stream.</summary>
internal sealed class StreamLink : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly LinkWatch _watch;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    public StreamLink(HttpResponseMessage response, Stream body, LinkWatch watch, StreamCounters counters)
    {
        _response = response;
        _watch = watch;
        _parser = SseParser.Create(new WatchedStream(body, watch, counters));
        _items = _parser.EnumerateAsync(watch.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    /// <summary>What the server asked for as the delay before the next connection, on this one; null for nothing. It may stand in a block of its own, with no event behind it.</summary>
    public TimeSpan? Retry => _parser.ReconnectionInterval is { Ticks: >= 0 } retry ? retry : null;

    /// <summary>Whether a message has come.</summary>
    public bool HasDelivered { get; private set; }

    /// <summary>The next event; null when the server has closed the stream in order. A block that is cut off is no event.</summary>
    public async ValueTask<SseItem<string>?> ReadAsync()
    {
        try
        {
            if (!await _items.MoveNextAsync().ConfigureAwait(false))
                return null;
            HasDelivered = true;
            return _items.Current;
        }
        catch (OperationCanceledException e) when (_watch.IsDead)
        {
            throw _watch.Death(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _items.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
        _watch.Dispose();
    }
}
