namespace Dashboard.Telemetry;

/// <summary>What objects take in memory, near enough to keep within a limit: texts that are shared are counted each time.</summary>
internal static class MemoryEstimate
{
    private const int Header = 24;

    public static int Of(string? text) => text is null ? 0 : Header + (text.Length * sizeof(char));

    public static int Of(IReadOnlyList<TelemetryAttribute> attributes)
    {
        var bytes = Header;
        foreach (var attribute in attributes)
        {
            // Names are shared nearly always.
            bytes += (2 * IntPtr.Size) + Of(attribute.Value);
        }

        return bytes;
    }
}
