using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Load;

/// <summary>
/// Thousands of event streams read by one thread. It looks for nothing but the benchmark's own mark in the payload,
/// <c>~t=1700000000000000~</c> (Unix microseconds at the publish), and counts: so the load costs little beside the servers, and every
/// design is read the same way.
/// </summary>
internal sealed class StreamCrowd : IDisposable
{
    private const int MarkLength = 20;
    private static readonly byte[] Mark = "~t="u8.ToArray();

    private readonly int _epoll = Epoll.Create();
    private readonly List<Client> _clients = [];
    private readonly Stack<int> _free = [];
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly Thread _reader;
    private volatile bool _isStopping;
    private long _received;
    private int _ready;

    public StreamCrowd()
    {
        _reader = new Thread(Read) { IsBackground = true, Name = "streams" };
        _reader.Start();
    }

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Events seen by all streams together.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Streams whose first bytes of body have come.</summary>
    public int Ready => Volatile.Read(ref _ready);

    /// <summary>Streams that the server has closed.</summary>
    public int Lost { get; private set; }

    /// <summary>Streams that are open and ready.</summary>
    public int Open
    {
        get
        {
            lock (_clients)
                return _clients.Count(client => client is { IsReady: true, IsLeaving: false, IsLost: false });
        }
    }

    /// <summary>What the last of them was told, of those that were turned away; null where none was.</summary>
    public string? TurnedAway { get; private set; }

    /// <summary>Opens a stream for each request text, so many at a time, and returns the seconds until all are ready.</summary>
    public async Task<double> OpenAsync(IReadOnlyList<(IPEndPoint Server, string Request)> streams, int atATime)
    {
        var started = Stopwatch.GetTimestamp();
        var target = Ready + streams.Count;
        await Parallel.ForEachAsync(
            streams,
            new ParallelOptions { MaxDegreeOfParallelism = atATime },
            async (stream, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(stream.Server, cancellation);
                await socket.SendAsync(Encoding.ASCII.GetBytes(stream.Request), cancellation);
                Adopt(socket);
            }
        );
        while (Ready < target)
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(60))
                throw new TimeoutException($"Only {Ready} of {target} streams were ready within a minute.");
            await Task.Delay(1);
        }
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Closes so many of the open streams, at random.</summary>
    public void Leave(int count)
    {
        lock (_clients)
        {
            var open = _clients.Where(client => client is { IsReady: true, IsLeaving: false, IsLost: false }).ToArray();
            Random.Shared.Shuffle(open);
            foreach (var client in open.Take(count))
            {
                client.IsLeaving = true;
                // Ends what is read as well: the reader, which may be at it just now, then closes the socket.
                client.Socket.Shutdown(SocketShutdown.Both);
            }
        }
    }

    /// <summary>Waits until so many events have been seen since the crowd began; false when nothing has come for a while.</summary>
    public async Task<bool> WaitForAsync(long events, TimeSpan patience)
    {
        var (last, since) = (Received, Stopwatch.GetTimestamp());
        while (Received < events)
        {
            await Task.Delay(2);
            if (Received != last)
                (last, since) = (Received, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(since) > patience)
                return false;
        }
        return true;
    }

    public void Dispose()
    {
        _isStopping = true;
        _reader.Join();
        foreach (var client in _clients)
            client.Socket.Dispose();
    }

    private void Adopt(Socket socket)
    {
        int index;
        lock (_clients)
        {
            if (!_free.TryPop(out index))
            {
                index = _clients.Count;
                _clients.Add(null!);
            }
            _clients[index] = new Client(socket);
        }
        // Read without a wait by recv itself, which is asked only when epoll has said that there is something.
        Epoll.Watch(_epoll, (int)socket.Handle, index);
    }

    private void Read()
    {
        Span<Epoll.Event> events = new Epoll.Event[512];
        while (!_isStopping)
        {
            var count = Epoll.Wait(_epoll, events, 50);
            var now = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / 10;
            for (var i = 0; i < count; i++)
            {
                Client client;
                lock (_clients)
                    client = _clients[events[i].Data];
                Take(client, now, events[i].Data);
            }
        }
    }

    private void Take(Client client, long now, int index)
    {
        var carried = client.Carried;
        client.Tail.AsSpan(0, carried).CopyTo(_buffer);
        var read = Epoll.Read((int)client.Socket.Handle, _buffer.AsSpan(carried));
        if (read <= 0)
        {
            if (client.IsLost)
                return;
            client.IsLost = true;
            client.Socket.Dispose();
            if (!client.IsLeaving)
                Lost++;
            else
            {
                lock (_clients)
                    _free.Push(index);
            }
            return;
        }
        if (!client.IsReady && _buffer.AsSpan(0, carried + read).IndexOf("\r\n\r\n"u8) >= 0)
        {
            client.IsReady = true;
            Interlocked.Increment(ref _ready);
        }
        var rest = _buffer.AsSpan(0, carried + read);
        if (!client.HasEvents && rest.IndexOf("event: stream.busy"u8) is >= 0 and var busy)
            TurnedAway = Encoding.UTF8.GetString(rest[busy..]).Trim().ReplaceLineEndings(" ");
        var seen = 0;
        while (rest.IndexOf(Mark) is >= 0 and var at && rest.Length - at >= MarkLength)
        {
            if (Utf8Parser.TryParse(rest.Slice(at + 3, 16), out long sent, out _))
            {
                Latencies.Add(now - sent);
                seen++;
            }
            rest = rest[(at + MarkLength)..];
        }
        client.Carried = Math.Min(rest.Length, MarkLength - 1);
        rest[^client.Carried..].CopyTo(client.Tail);
        if (seen == 0)
            return;
        client.HasEvents = true;
        Interlocked.Add(ref _received, seen);
    }

    private sealed class Client(Socket socket)
    {
        public Socket Socket { get; } = socket;

        public byte[] Tail { get; } = new byte[MarkLength];

        public int Carried { get; set; }

        public bool IsReady { get; set; }

        public bool HasEvents { get; set; }

        public bool IsLost { get; set; }

        public bool IsLeaving { get; set; }
    }
}
