using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EventStreams.Publishing;

/// <summary>Draws the random parts of event ids.</summary>
internal static class EventIds
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>A name for a new epoch of a log: 50 random bits.</summary>
    public static string NewEpoch() =>
        string.Create(
            10,
            Random.Shared.NextInt64(),
            static (text, bits) =>
            {
                for (var i = 0; i < text.Length; i++, bits >>= 5)
                    text[i] = Alphabet[(int)(bits & 31)];
            }
        );

    /// <summary>The check of an event that nobody repeats, in the text form of its id: 31 random bits and a zero, never 0.</summary>
    public static string NewCheck() => Text((uint)Random.Shared.NextInt64(1, 1L << 31) << 1);

    /// <summary>
    /// The check of a producer's event: the same whenever the call is repeated, in whatever epoch of the log, so that the event is known
    /// again by those who have seen it; another one where the producer gives the number to an event of another type or content. Ends with a
    /// one, which tells it from the checks of events that nobody repeats.
    /// </summary>
    public static string CheckOf(string producerId, long sequence, EventMessage message)
    {
        // Nobody gains by a collision, so nothing stronger is needed.
        var crc = Crc(0, MemoryMarshal.AsBytes(producerId.AsSpan()));
        crc = Crc(crc, MemoryMarshal.AsBytes(message.Type.AsSpan()));
        return Text(BitOperations.Crc32C(Crc(crc, message.Payload.Span), (ulong)sequence) | 1);
    }

    /// <summary>Whether the check is a producer's.</summary>
    public static bool IsRepeatable(uint check) => (check & 1) == 1;

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }

    private static string Text(uint check) => check.ToString("x", CultureInfo.InvariantCulture);
}
