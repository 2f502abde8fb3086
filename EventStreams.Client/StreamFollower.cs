namespace EventStreams.Client;

/// <summary>Follows one stream over as many connections as it takes.</summary>
internal sealed class StreamFollower(LinkFactory links, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly StreamPosition _position = new(links.Options.LastEventId);
    private readonly ReconnectDelay _delay = new(links.Options, Random.Shared);
    private StreamLink? _link;
    private bool _isOver;

    /// <summary>The next message; null when the topic has ended.</summary>
    public async ValueTask<StreamMessage?> NextAsync()
    {
        while (!_isOver)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Exception? error = null;
            try
            {
                _link ??= await links.ConnectAsync(_position.LastEventId, cancellationToken).ConfigureAwait(false);
                if (_link is null)
                {
                    _isOver = true;
                    break;
                }
                if (await ReadAsync(_link).ConfigureAwait(false) is { } message)
                    return message;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // In place of whatever the cancellation broke, the caller gets its own token back.
                if (cancellationToken.IsCancellationRequested)
                    throw new OperationCanceledException("The stream is not followed any more.", e, cancellationToken);
                error = e;
            }
            await InterruptAsync(error).ConfigureAwait(false);
        }
        return null;
    }

    public ValueTask DisposeAsync() => CloseLinkAsync();

    // The next message of this connection; null when it was closed in order.
    private async ValueTask<StreamMessage?> ReadAsync(StreamLink link)
    {
        while (await link.ReadAsync().ConfigureAwait(false) is { } block)
        {
            if (link.HasDelivered)
                _delay.Delivered();
            if (ToMessage(block) is { } message)
                return message;
        }
        return null;
    }

    // Null for what is nothing to the caller: an event that has been here before, and a block that only moves the position.
    private StreamMessage? ToMessage(StreamBlock block)
    {
        if (block.Data is not { } data || block.Type == Notices.Seen)
        {
            // The server leaves out what this client has, and says where it goes on.
            Advance(block.Id);
            return null;
        }
        switch (block.Type)
        {
            case Notices.Busy:
                return null;
            case Notices.Open:
                // On a further connection the server repeats the id that it was asked for, which may be worth less than a notice that comes behind it.
                if (_position.LastEventId is null)
                    _position.MoveTo(block.Id);
                return new StreamMessage(StreamMessageKind.Open, _position.LastEventId, block.Type, data)
                {
                    Replica = Notices.ReadOpen(data).Replica,
                };
            case Notices.Gap:
                var gap = Notices.ReadGap(data);
                _position.MoveTo(gap.Cursor);
                links.Counters.GapTold();
                return new StreamMessage(StreamMessageKind.Gap, gap.Cursor, block.Type, data) { Gap = gap };
            case Notices.End:
                Advance(block.Id);
                _isOver = true;
                return new StreamMessage(StreamMessageKind.End, _position.LastEventId, block.Type, data);
            default:
                if (Advance(block.Id) == Place.Seen)
                {
                    links.Counters.DuplicateDropped();
                    return null;
                }
                links.Counters.EventReturned();
                return new StreamMessage(StreamMessageKind.Event, _position.LastEventId, block.Type, data);
        }
    }

    private Place Advance(string? id)
    {
        var place = _position.Advance(id);
        if (place == Place.BehindHole)
            links.Counters.HoleFound();
        return place;
    }

    private async ValueTask InterruptAsync(Exception? error)
    {
        if (_link?.Retry is { } retry)
            _delay.Told(retry);
        var isFruitless = _link is not { HasDelivered: true };
        await CloseLinkAsync().ConfigureAwait(false);
        if (error is not null)
            links.Counters.Failed();
        if (error is DeadLinkException)
            links.Counters.FoundDead();
        var delay = _delay.Next(isFruitless, (error as ServerBusyException)?.RetryAfter ?? TimeSpan.Zero);
        links.Options.Interrupted?.Invoke(new StreamInterruption(error, delay, _delay.Fruitless));
        await Task.Delay(delay, links.Time, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CloseLinkAsync()
    {
        var link = _link;
        _link = null;
        if (link is not null)
            await link.DisposeAsync().ConfigureAwait(false);
    }
}
