using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EventStreams;

/// <summary>
/// The position of one event in its topic, written <c>epoch-offset-check</c>.
/// <list type="bullet">
/// <item><c>epoch</c> names one epoch of the log: a log that was wiped begins another.</item>
/// <item><c>offset</c> counts 1, 2, 3 … without gaps; 0 is the place before the first event.</item>
/// <item><c>check</c> is a number of each event: drawn at random or, where its producer has numbered it, made from producer, number and
/// content, so that it is the same when the publish is repeated. A log that failed over to an older copy counts its offsets anew from where
/// that copy ended; the check tells the event that a client has seen from the other one that now stands at the same offset. The place
/// before a log's first event has the check 0, or that of the last event that a client had seen in the epoch before.</item>
/// </list>
/// An id without a check (<c>epoch-offset</c>) is read as well, and goes without that proof.
/// </summary>
/// <param name="Epoch">The log's epoch: 1 to 32 ASCII letters or digits.</param>
/// <param name="Offset">The position, 0 or more.</param>
/// <param name="Check">The event's check, or 0 where it is not known.</param>
public readonly record struct EventId(string Epoch, long Offset, uint Check = 0)
{
    /// <summary>The longest text form that <see cref="TryParse"/> takes, in characters.</summary>
    public const int MaxTextLength = 64;

    /// <summary>Parses the text form; false when it is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxTextLength)
            return false;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash is < 1 or > 32)
            return false;
        foreach (var c in text.AsSpan(0, dash))
        {
            if (!char.IsAsciiLetterOrDigit(c))
                return false;
        }
        var rest = text.AsSpan(dash + 1);
        var second = rest.IndexOf('-');
        var check = 0u;
        if (second >= 0)
        {
            if (!uint.TryParse(rest[(second + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out check))
                return false;
            rest = rest[..second];
        }
        if (!long.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return false;
        id = new EventId(text[..dash], offset, check);
        return true;
    }

    /// <summary>Whether both name the same event: equal epoch and offset, and equal checks where both are known.</summary>
    public bool IsSameEventAs(EventId other) =>
        Offset == other.Offset && Epoch == other.Epoch && (Check == 0 || other.Check == 0 || Check == other.Check);

    /// <inheritdoc/>
    public override string ToString() =>
        Check == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Offset}")
            : string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Offset}-{Check:x}");
}
