using System.Globalization;

namespace EventStreams.Publishing;

/// <summary>Draws the random parts of event ids.</summary>
internal static class EventIds
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>A name for a new life of a log: 50 random bits.</summary>
    public static string NewEpoch() =>
        string.Create(10, Random.Shared.NextInt64(), static (text, bits) =>
        {
            for (var i = 0; i < text.Length; i++, bits >>= 5)
                text[i] = Alphabet[(int)(bits & 31)];
        });

    /// <summary>An event's check in the text form of its id: 32 random bits, never 0.</summary>
    public static string NewCheck() => ((uint)Random.Shared.NextInt64(1, 1L << 32)).ToString("x", CultureInfo.InvariantCulture);
}
