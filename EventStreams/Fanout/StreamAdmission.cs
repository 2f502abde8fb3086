using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace EventStreams.Fanout;

/// <summary>
/// Counts the streams of this replica, in all and for each client address, and says who has no place any more. Asked once when a stream begins and told once when it is over: deliveries never come here.
/// </summary>
internal sealed class StreamAdmission(IOptions<EventStreamsOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ClientNetwork, int> _perNetwork = [];
    private int _streams;

    /// <summary>Takes a place; where it says <see cref="Admission.Admitted"/>, give it back with <see cref="Leave"/>, for the same address.</summary>
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

    /// <summary>Who counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address, since whoever has one of these has all behind it.</summary>
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
}
