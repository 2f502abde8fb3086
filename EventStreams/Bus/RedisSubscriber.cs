using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;

namespace EventStreams.Bus;

/// <summary>
/// A connection to one server that only subscribes. One thread reads it and passes each message on before it reads the next: so the order
/// of a channel is kept, a subscription costs a few hundred bytes, and a message crosses no queue. It comes back by itself, subscribes to
/// everything again, and then says that messages may have been lost.
/// </summary>
internal sealed partial class RedisSubscriber : IDisposable, IThreadPoolWorkItem
{
    private const int ChannelsPerCommand = 200;
    private const int UsualOutputBytes = 64 * 1024;
    private const int FirstBackoffMilliseconds = 50;
    private const int LastBackoffMilliseconds = 1000;

    // A server that has said nothing for so long is asked; one that does not answer for three times as long is given up.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private readonly SubscriberTransport _transport;
    private readonly bool _isSharded;
    private readonly string _subscribe;
    private readonly string _unsubscribe;
    private readonly RedisEventBus _bus;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChannelSubscription> _channels = [];
    private readonly Dictionary<string, ChannelSubscription>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Timer _keepAlive;

    // What is to be sent gathers until the next thread is free to do it: a crowd of topics costs few writes.
    private ArrayBufferWriter<byte> _output = new();
    private Stream? _stream;
    private int _connections;
    private long _heardAt;

    public RedisSubscriber(SubscriberTransport transport, bool isSharded, RedisEventBus bus, ILogger logger)
    {
        _transport = transport;
        _isSharded = isSharded;
        (_subscribe, _unsubscribe) = isSharded ? ("SSUBSCRIBE", "SUNSUBSCRIBE") : ("SUBSCRIBE", "UNSUBSCRIBE");
        _bus = bus;
        _logger = logger;
        _byName = _channels.GetAlternateLookup<ReadOnlySpan<char>>();
        _keepAlive = new Timer(static s => ((RedisSubscriber)s!).KeepAlive(), this, Silence, Silence);
        new Thread(Run) { IsBackground = true, Name = "eventstreams-subscriber" }.Start();
    }

    public EndPoint EndPoint => _transport.EndPoint;

    /// <summary>Adds a listener; the task ends when the server has acknowledged the channel, be it after a reconnect.</summary>
    public Task AddAsync(string channel, Action<ReadOnlyMemory<byte>> listener)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(channel, out var subscription))
                _channels.Add(channel, subscription = new ChannelSubscription(channel));
            var isFirst = subscription.Listeners.Length == 0;
            subscription.Add(listener);
            if (isFirst && _stream is not null)
                Subscribe([subscription]);
            return subscription.WhenAcknowledged(Connection);
        }
    }

    /// <summary>Takes a listener away; the last one's channel is given up. True when there was such a listener.</summary>
    public bool Remove(string channel, Action<ReadOnlyMemory<byte>> listener)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(channel, out var subscription) || !subscription.Listeners.Contains(listener))
                return false;
            subscription.Remove(listener);
            if (subscription.Listeners.Length > 0)
                return true;
            // Kept until the server has confirmed, so that acknowledgements on their way are counted right.
            if (subscription.IsRequestedOn(Connection))
                Send(_unsubscribe, channel);
            else
                _channels.Remove(channel);
            return true;
        }
    }

    /// <summary>Takes channels with all their listeners away, for another server to take them over.</summary>
    public List<(string Channel, Action<ReadOnlyMemory<byte>> Listener)> TakeAway(Func<string, bool> isMoving)
    {
        var taken = new List<(string, Action<ReadOnlyMemory<byte>>)>();
        lock (_gate)
        {
            foreach (var channel in _channels.Values.Where(c => c.Listeners.Length > 0 && isMoving(c.Channel)).ToList())
            {
                taken.AddRange(channel.Listeners.Select(listener => (channel.Channel, listener)));
                _channels.Remove(channel.Channel);
                if (channel.IsRequestedOn(Connection))
                    Send(_unsubscribe, channel.Channel);
            }
        }
        return taken;
    }

    /// <summary>Asks again for channels that the server has refused or given up.</summary>
    public void AskAgain()
    {
        lock (_gate)
        {
            if (_stream is not null)
                Subscribe([.. _channels.Values.Where(c => c.Listeners.Length > 0 && !c.IsRequestedOn(Connection))]);
        }
    }

    public void Dispose()
    {
        _stopping.Set();
        _keepAlive.Dispose();
        Disconnect();
    }

    // The number of the present connection, by which what was sent on it is told from what was sent on earlier ones; none while there is no
    // connection.
    private int Connection => _stream is null ? -1 : _connections;

    private string ConnectionMark => string.Create(CultureInfo.InvariantCulture, $"connection-{_connections}");

    private void Run()
    {
        var backoff = FirstBackoffMilliseconds;
        while (!_stopping.IsSet)
        {
            try
            {
                var stream = _transport.Connect();
                backoff = FirstBackoffMilliseconds;
                Begin(stream);
                Read(stream);
            }
            catch (Exception e)
            {
                // Whatever it is, another connection may do; without this thread the streams of all topics would stand still.
                if (!_stopping.IsSet)
                    LogLost(EndPoint, e.Message);
            }
            Disconnect();
            if (!_stopping.IsSet)
                _bus.OnDisconnected();
            _stopping.Wait(backoff);
            backoff = Math.Min(backoff * 2, LastBackoffMilliseconds);
        }
    }

    private void Begin(Stream stream)
    {
        lock (_gate)
        {
            Volatile.Write(ref _heardAt, Environment.TickCount64);
            foreach (var gone in _channels.Values.Where(c => c.Listeners.Length == 0).ToList())
                _channels.Remove(gone.Channel);
            _stream = stream;
            _connections++;
            _output = new ArrayBufferWriter<byte>();
            Subscribe([.. _channels.Values]);
            // Answered when all that was asked before it is.
            Send("PING", ConnectionMark);
        }
    }

    private void Read(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        while (!_stopping.IsSet)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            var read = stream.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
                throw new IOException("The server has closed the connection.");
            Volatile.Write(ref _heardAt, Environment.TickCount64);
            filled += read;
            var at = 0;
            while (at < filled && RespMessage.TryRead(buffer.AsSpan(at, filled - at), out var message))
            {
                Take(message, buffer.AsMemory(at, message.Length));
                at += message.Length;
            }
            buffer.AsSpan(at, filled - at).CopyTo(buffer);
            filled -= at;
        }
    }

    private void Take(RespMessage message, ReadOnlyMemory<byte> bytes)
    {
        switch (message.Kind)
        {
            case RespKind.Message:
                Deliver(bytes.Span[message.Channel], bytes[message.Payload]);
                break;
            case RespKind.Subscribed:
                OnSubscribed(bytes.Span[message.Channel]);
                break;
            case RespKind.Unsubscribed:
                OnUnsubscribed(Encoding.ASCII.GetString(bytes.Span[message.Channel]));
                break;
            case RespKind.Pong when bytes.Span[message.Channel].SequenceEqual(Encoding.ASCII.GetBytes(ConnectionMark)):
                // On the first connection nothing was lost.
                if (_connections > 1)
                    _bus.OnRestored();
                break;
            case RespKind.Error:
                OnError(Encoding.UTF8.GetString(bytes.Span[message.Channel]));
                break;
        }
    }

    private void Deliver(ReadOnlySpan<byte> channel, ReadOnlyMemory<byte> payload)
    {
        Action<ReadOnlyMemory<byte>>[] listeners;
        lock (_gate)
            listeners = Find(channel)?.Listeners ?? [];
        foreach (var listener in listeners)
            listener(payload);
    }

    private void OnSubscribed(ReadOnlySpan<byte> channel)
    {
        lock (_gate)
            Find(channel)?.Acknowledged(Connection);
    }

    private ChannelSubscription? Find(ReadOnlySpan<byte> channel)
    {
        Span<char> name = stackalloc char[channel.Length];
        Encoding.ASCII.GetChars(channel, name);
        return _byName.TryGetValue(name, out var subscription) ? subscription : null;
    }

    private void OnUnsubscribed(string channel)
    {
        var isTakenFromUs = false;
        lock (_gate)
        {
            if (_channels.TryGetValue(channel, out var subscription) && !subscription.IsAwaitedOn(Connection))
            {
                isTakenFromUs = subscription.Listeners.Length > 0;
                subscription.Lost();
                if (!isTakenFromUs)
                    _channels.Remove(channel);
            }
        }
        if (isTakenFromUs)
            _bus.OnSlotMoved();
    }

    private void OnError(string text)
    {
        if (!text.StartsWith("MOVED", StringComparison.Ordinal) && !text.StartsWith("CLUSTERDOWN", StringComparison.Ordinal))
            throw new IOException(text);
        lock (_gate)
        {
            // It does not say which; whoever has been acknowledged is not it. The others are asked for again, which harms none that the
            // server has.
            foreach (var channel in _channels.Values.Where(c => c.IsAwaitedOn(Connection)))
                channel.Lost();
        }
        _bus.OnSlotMoved();
    }

    private void Subscribe(IReadOnlyList<ChannelSubscription> channels)
    {
        // The channels of one sharded command must share a slot; one channel a command always does.
        foreach (var part in channels.Chunk(_isSharded ? 1 : ChannelsPerCommand))
        {
            foreach (var channel in part)
                channel.Requested(Connection);
            Send([_subscribe, .. part.Select(c => c.Channel)]);
        }
    }

    private void Send(params ReadOnlySpan<string> command)
    {
        var isFirst = _output.WrittenCount == 0;
        RespCommand.Write(_output, command);
        if (isFirst)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            try
            {
                if (_output.WrittenCount > 0)
                    _stream?.Write(_output.WrittenSpan);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Perhaps half of a command is on its way: the connection is of no use any more. The reader meets its end, and makes a new
                // one that subscribes to everything.
                LogLost(EndPoint, e.Message);
                _stream!.Dispose();
            }
            if (_output.Capacity > UsualOutputBytes)
                _output = new ArrayBufferWriter<byte>();
            else
                _output.ResetWrittenCount();
        }
    }

    private void KeepAlive()
    {
        lock (_gate)
        {
            if (_stream is null)
                return;
            var silent = TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _heardAt));
            if (silent >= Silence * 3)
                _stream.Dispose();
            else if (silent >= Silence)
                Send("PING");
        }
    }

    private void Disconnect()
    {
        lock (_gate)
        {
            _stream?.Dispose();
            _stream = null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The subscription connection to {EndPoint} is lost and is being made again. {Reason}")]
    private partial void LogLost(EndPoint endPoint, string reason);
}
