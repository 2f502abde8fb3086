namespace Dashboard.Telemetry;

/// <summary>What an attribute must be like.</summary>
public sealed record AttributeFilter(string Name, FilterOperation Operation, string Value = "")
{
    // The longer signs first, as they hold the shorter ones.
    private static readonly (string Sign, FilterOperation Operation)[] Signs =
        [("!=", FilterOperation.NotEquals), ("!~", FilterOperation.NotContains), ("=", FilterOperation.Equals), ("~", FilterOperation.Contains)];

    /// <summary>Reads <c>name</c>, <c>name=value</c>, <c>name!=value</c>, <c>name~part</c> or <c>name!~part</c>; null for a text without a name.</summary>
    public static AttributeFilter? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.AsSpan().IndexOfAny("!=~");
        if (at < 0)
        {
            return text.Trim() is { Length: > 0 } alone ? new(alone, FilterOperation.Exists) : null;
        }

        var name = text[..at].Trim();
        foreach (var (sign, operation) in Signs)
        {
            if (name.Length > 0 && text.AsSpan(at).StartsWith(sign, StringComparison.Ordinal))
            {
                return new(name, operation, text[(at + sign.Length)..].Trim());
            }
        }

        return null;
    }

    /// <summary>Whether attributes satisfy the filter. Letters of either case are the same.</summary>
    public bool Accepts(IReadOnlyList<TelemetryAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (string.Equals(attribute.Name, Name, StringComparison.OrdinalIgnoreCase))
            {
                return Operation switch
                {
                    FilterOperation.Exists => true,
                    FilterOperation.Equals => string.Equals(attribute.Value, Value, StringComparison.OrdinalIgnoreCase),
                    FilterOperation.NotEquals => !string.Equals(attribute.Value, Value, StringComparison.OrdinalIgnoreCase),
                    FilterOperation.Contains => attribute.Value.Contains(Value, StringComparison.OrdinalIgnoreCase),
                    _ => !attribute.Value.Contains(Value, StringComparison.OrdinalIgnoreCase),
                };
            }
        }

        return Operation is FilterOperation.NotEquals or FilterOperation.NotContains;
    }
}

/// <summary>How a value is compared.</summary>
public enum FilterOperation
{
    Exists,
    Equals,
    NotEquals,
    Contains,
    NotContains,
}
