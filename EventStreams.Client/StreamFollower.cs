using System.Globalization;

namespace EventStreams.Client;

/// <summary>Follows one stream over as many connections as it takes.</summary>
internal sealed class StreamFollower(ConnectionFactory links, IReadOnlyList<string>? topics, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private readonly StreamPosition _position = new(links.Options.LastEventId);
    private readonly ReconnectDelay _delay = new(links.Options, Random.Shared);
    private readonly HashSet<string> _ended = [];
    private StreamLink? _link;
    private bool _isOver;

    // Whether the credential has run out, and whether it did before with no event in between.
    private bool _isExpired;
    private bool _isHasty;

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
            case Notices.Expired:
                _isExpired = true;
                links.DropTicket();
                return null;
            case Notices.Open:
                // On a further connection the server repeats the id that it was asked for, which may be worth less than a notice that comes
                // behind it.
                if (_position.LastEventId is null)
                    _position.MoveTo(block.Id);
                return new StreamMessage(StreamMessageKind.Open, _position.LastEventId, block.Type, data)
                {
                    Replica = Notices.ReadOpen(data).Replica,
                };
            case Notices.Gap:
                var gap = Notices.ReadGap(data);
                // Where there are several topics the id says where all of them stand, and the notice knows only its own.
                _position.MoveTo(topics is null ? gap.Cursor : block.Id);
                links.Counters.GapTold();
                return new StreamMessage(StreamMessageKind.Gap, _position.LastEventId, block.Type, data)
                {
                    Gap = gap,
                    Topic = TopicOf(block),
                };
            case Notices.State:
                // Its place is not one of the log's until the last part has come, and may be before the one where a gap was met.
                _position.MoveTo(block.Id);
                return new StreamMessage(StreamMessageKind.State, _position.LastEventId, block.Type, data)
                {
                    State = Notices.ReadState(data),
                };
            case Notices.End:
                Advance(block.Id);
                if (TopicOf(block) is { } ended)
                    _ended.Add(ended);
                _isOver = topics is null || _ended.Count == topics.Count;
                return new StreamMessage(StreamMessageKind.End, _position.LastEventId, block.Type, data) { Topic = TopicOf(block) };
            default:
                if (Advance(block.Id) == Place.Seen)
                {
                    links.Counters.DuplicateDropped();
                    return null;
                }
                links.Counters.EventReturned();
                _isHasty = false;
                return new StreamMessage(StreamMessageKind.Event, _position.LastEventId, block.Type, data) { Topic = TopicOf(block) };
        }
    }

    // The id of a stream over several topics begins with the index of its event's.
    private string? TopicOf(StreamBlock block)
    {
        if (topics is null)
            return null;
        var text = block.Id.AsSpan();
        var colon = text.IndexOf(':');
        return
            colon > 0 && int.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < topics.Count
            ? topics[index]
            : throw new InvalidDataException(
                $"The id '{block.Id}' does not say which topic its event is of. Is the address that of streams over several topics?"
            );
    }

    private Place Advance(string? id)
    {
        var place = _position.Advance(id);
        if (place == Place.AfterMissed)
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
        // With another ticket the stream goes on at once.
        if (_isExpired && !_isHasty)
            (delay, _isHasty) = (TimeSpan.Zero, true);
        _isExpired = false;
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
