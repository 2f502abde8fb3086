using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using EventStreams.Wire;

namespace Tests.Fixtures;

/// <summary>A block of an event stream as it was sent, with nothing interpreted away: comments, <c>retry</c> and blocks without data are
/// seen too.</summary>
public sealed record SseBlock(string? Id, string? Type, string? Data, string? Retry, string? Comment);

/// <summary>Reads an event stream block by block, after the letter of WHATWG HTML 9.2.6.</summary>
public sealed class SseStream : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly HttpResponseMessage _response;
    private readonly int? _topic;
    private readonly Channel<SseBlock> _blocks = Channel.CreateUnbounded<SseBlock>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    /// <summary>Reads the body of an answer, which it owns from now on.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="topic">On a stream over several topics, the index of the only one that events come of; their ids are told as on a
    /// stream of its own.</param>
    public SseStream(HttpResponseMessage response, int? topic = null)
    {
        _topic = topic;
        _response = response;
        _reading = response.StatusCode == HttpStatusCode.OK ? Task.Run(ReadAsync) : Task.CompletedTask;
        if (response.StatusCode != HttpStatusCode.OK)
            _blocks.Writer.Complete();
    }

    public HttpResponseMessage Response => _response;

    /// <summary>The last event id, as a browser would keep it.</summary>
    public string LastEventId { get; private set; } = "";

    /// <summary>Opens a stream on a connection of its own.</summary>
    public static async Task<SseStream> OpenAsync(HttpClient client, string address, string? lastEventId = null, int? topic = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        using var limit = new CancellationTokenSource(Limit);
        return new SseStream(await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token), topic);
    }

    /// <summary>The next block of any kind; null at the end of the stream.</summary>
    public Task<SseBlock?> NextBlockAsync() => NextAsync(_ => true);

    /// <summary>The next block that a browser would dispatch; null at the end of the stream.</summary>
    public Task<SseBlock?> NextEventAsync() => NextAsync(block => block.Data is not null);

    // One limit for all of it: heartbeats would keep a wait alive forever.
    private async Task<SseBlock?> NextAsync(Func<SseBlock, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            while (await _blocks.Reader.WaitToReadAsync(limit.Token))
            {
                while (_blocks.Reader.TryRead(out var block))
                {
                    LastEventId = block.Id ?? LastEventId;
                    if (isWanted(block))
                        return block;
                }
            }
            return null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"Nothing that was waited for came within {Limit.TotalSeconds:0} s; the last event id is '{LastEventId}'."
            );
        }
    }

    /// <summary>The next event that is not <c>stream.open</c>, nor tells that an event is left out.</summary>
    public Task<SseBlock?> NextAfterOpenAsync() =>
        NextAsync(block => block is { Data: not null, Type: not ("stream.open" or "stream.seen") });

    /// <summary>The data of the next events, <c>stream.open</c> left out.</summary>
    public async Task<List<string>> TakeAsync(int count)
    {
        var data = new List<string>();
        while (data.Count < count)
        {
            var next =
                await NextAfterOpenAsync()
                ?? throw new InvalidOperationException($"The stream ended after {data.Count} of {count} events.");
            data.Add(next.Data!);
        }
        return data;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _response.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await using var body = await _response.Content.ReadAsStreamAsync(_stop.Token);
            using var reader = new StreamReader(body, new UTF8Encoding(false, throwOnInvalidBytes: true));
            string? id = null,
                type = null,
                data = null,
                retry = null,
                comment = null;
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (line.Length == 0)
                {
                    _blocks.Writer.TryWrite(new SseBlock(IdOfTopic(id, type), type, data, retry, comment));
                    id = type = data = retry = comment = null;
                    continue;
                }
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var value = line[(colon + 1)..];
                value = value.StartsWith(' ') ? value[1..] : value;
                switch (line[..colon])
                {
                    case "" when (id ?? type ?? data ?? retry) is null:
                        // Between two blocks; it ends none.
                        _blocks.Writer.TryWrite(new SseBlock(null, null, null, null, value));
                        break;
                    case "":
                        comment = value;
                        break;
                    case "id":
                        id = value;
                        break;
                    case "event":
                        type = value;
                        break;
                    case "data":
                        data = data is null ? value : data + "\n" + value;
                        break;
                    case "retry":
                        retry = value;
                        break;
                }
            }
            _blocks.Writer.Complete();
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // A killed server or the test's own end: for the reader, the stream is over.
            _blocks.Writer.TryComplete();
        }
    }

    private string? IdOfTopic(string? id, string? type)
    {
        if (_topic is not { } topic || id is null)
            return id;
        var index = int.Parse(id[..id.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        Assert.Equal(type == "stream.open" ? 0 : topic, index);
        Assert.True(CursorSet.TryDecode(CursorSet.Split(id, topic + 1)![topic], out var cursor), id);
        return cursor.ToString();
    }
}
