using System.Buffers.Binary;
using System.Globalization;

namespace Dashboard.Telemetry;

/// <summary>The id of a span within its trace, 8 bytes that are not all zero; as text 16 hexadecimal digits.</summary>
public readonly record struct SpanId(ulong Value)
{
    /// <summary>Reads the hexadecimal form; null for anything else.</summary>
    public static SpanId? Parse(string? text) =>
        text is { Length: 16 } && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value != 0
            ? new(value)
            : null;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    internal static SpanId? From(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 8 && BinaryPrimitives.ReadUInt64BigEndian(bytes) is var value && value != 0 ? new(value) : null;
}
