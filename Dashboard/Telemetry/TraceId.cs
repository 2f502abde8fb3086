using System.Buffers.Binary;
using System.Globalization;

namespace Dashboard.Telemetry;

/// <summary>The id of a trace, 16 bytes that are not all zero; as text 32 hexadecimal digits.</summary>
public readonly record struct TraceId(UInt128 Value)
{
    /// <summary>Digits of the short form.</summary>
    private const int AbbreviatedLength = 7;

    /// <summary>The first digits, for people; not unique.</summary>
    public string Abbreviated => ToString()[..AbbreviatedLength];

    /// <summary>Reads the hexadecimal form; null for anything else.</summary>
    public static TraceId? Parse(string? text) =>
        text is { Length: 32 } && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value != 0
            ? new(value)
            : null;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    internal static TraceId? From(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 16 && BinaryPrimitives.ReadUInt128BigEndian(bytes) is var value && value != 0 ? new(value) : null;
}
