using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace EventStreams.Fanout;

/// <summary>
/// Counts the streams of this replica, in all and for each client address, and says who has no place any more. Asked once when a stream
/// begins and told once when it is over: deliveries never come here.
/// </summary>
internal sealed class StreamAdmission(IOptions<EventStreamsOptions> options, TimeProvider time)
{
    // One more is answered at once: what is held costs memory too, and a crowd is no longer helped by it.
    private const int MostHeld = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ClientNetwork, int> _perNetwork = [];
    private int _streams;
    private int _held;

    /// <summary>Takes a place; where it says <see cref="Admission.Admitted"/>, give it back with <see cref="Leave"/>, for the same
    /// address.</summary>
    /// <param name="address">The client's; null where the transport has none, which no limit for addresses applies to.</param>
    public Admission Enter(IPAddress? address)
    {
        var limits = options.Value;
        lock (_gate)
        {
            if (limits.MaxStreams > 0 && _streams >= limits.MaxStreams)
                return Admission.ReplicaFull;
            if (limits.MaxStreamsPerAddress > 0 && address is not null)
            {
                ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(_perNetwork, ClientNetwork.Of(address), out _);
                if (own >= limits.MaxStreamsPerAddress)
                    return Admission.AddressFull;
                own++;
            }
            _streams++;
            return Admission.Admitted;
        }
    }

    /// <summary>
    /// Holds a client that was refused a place for a moment, and tries once more. Some clients come back without delay, whatever they are
    /// told: held, they cannot turn the replica's refusals into its main work.
    /// </summary>
    /// <returns>The second answer; to a client that has gone meanwhile, the first.</returns>
    public async ValueTask<Admission> EnterLaterAsync(IPAddress? address, Admission refusal, CancellationToken gone)
    {
        try
        {
            if (Interlocked.Increment(ref _held) > MostHeld)
                return refusal;
            await Task.Delay(TimeSpan.FromMilliseconds(RetryDelay.DrawHold(options.Value)), time, gone);
            return Enter(address);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return refusal;
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(IPAddress? address)
    {
        lock (_gate)
        {
            _streams--;
            if (options.Value.MaxStreamsPerAddress <= 0 || address is null)
                return;
            var network = ClientNetwork.Of(address);
            ref var own = ref CollectionsMarshal.GetValueRefOrNullRef(_perNetwork, network);
            // Addresses come and go; only those with streams may take memory.
            if (--own == 0)
                _perNetwork.Remove(network);
        }
    }

    /// <summary>Who counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address, since whoever has one of these has all
    /// behind it.</summary>
    private readonly record struct ClientNetwork(ulong Prefix, bool IsV6)
    {
        public static ClientNetwork Of(IPAddress address)
        {
            if (address.IsIPv4MappedToIPv6)
                address = address.MapToIPv4();
            Span<byte> bytes = stackalloc byte[16];
            bytes.Clear();
            address.TryWriteBytes(bytes, out _);
            return new ClientNetwork(BinaryPrimitives.ReadUInt64BigEndian(bytes), address.AddressFamily == AddressFamily.InterNetworkV6);
        }
    }
}

/// <summary>Whether a stream may begin.</summary>
internal enum Admission
{
    /// <summary>It has a place.</summary>
    Admitted,

    /// <summary>The replica has as many streams as it may.</summary>
    ReplicaFull,

    /// <summary>The client's address has as many streams as it may.</summary>
    AddressFull,

    /// <summary>The replica shuts down.</summary>
    Draining,
}
