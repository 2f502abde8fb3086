using System.Net.Sockets;

namespace Tests.Fixtures;

/// <summary>A client that opens a stream and reads nothing until it is told to, on a connection that holds little.</summary>
internal sealed class PausingReader : IAsyncDisposable
{
    private const int BufferBytes = 4096;

    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;

    private PausingReader(HttpClient client, HttpResponseMessage response) => (_client, _response) = (client, response);

    /// <summary>The last event id, as a browser would keep it.</summary>
    public string LastEventId { get; private set; } = "";

    public static async Task<PausingReader> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = static async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = BufferBytes };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        return new PausingReader(client, await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
    }

    /// <summary>Reads until so many events have come or the stream is over; returns their data without what stands behind the first blank,
    /// and without <c>stream.open</c>.</summary>
    public async Task<List<string>> ReadAsync(int most, CancellationToken cancellationToken)
    {
        var seen = new List<string>();
        string? id = null,
            type = null,
            data = null;
        try
        {
            using var lines = new StreamReader(await _response.Content.ReadAsStreamAsync(cancellationToken));
            while (seen.Count < most && await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                    id = line[4..];
                else if (line.StartsWith("event: ", StringComparison.Ordinal))
                    type = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    data = line[6..].Split(' ')[0];
                else if (line.Length == 0)
                {
                    LastEventId = id ?? LastEventId;
                    if (data is not null && type != "stream.open")
                        seen.Add(data);
                    id = type = data = null;
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The server gave the client up; what was sent before has been read.
        }
        return seen;
    }

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
