using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EventStreams.Wire;

/// <summary>
/// The text form of a place in a topic's state, <c>id~offset</c>: the id of what the state is of, and the offset of the last event that was
/// read. It is the id of every part of a state but the last, so that a client that comes back with it is given the rest, whichever replica
/// it reaches.
/// </summary>
internal static class StateCursorText
{
    /// <summary>The place before everything: a client that comes back with it is given the state from its beginning.</summary>
    public static readonly StateCursor Start = new(new EventId("0", 0), 0);

    private const char Separator = '~';

    public static bool IsStart(this StateCursor cursor) => cursor.Offset == 0;

    public static string ToWire(this StateCursor cursor) =>
        string.Create(CultureInfo.InvariantCulture, $"{cursor.AsOf}{Separator}{cursor.Offset}");

    public static bool TryParse([NotNullWhen(true)] string? text, out StateCursor cursor)
    {
        cursor = default;
        var at = text?.IndexOf(Separator, StringComparison.Ordinal) ?? -1;
        if (
            at < 0
            || !EventId.TryParse(text![..at], out var asOf)
            || !long.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || offset > asOf.Offset
        )
            return false;
        cursor = new StateCursor(asOf, offset);
        return true;
    }
}
