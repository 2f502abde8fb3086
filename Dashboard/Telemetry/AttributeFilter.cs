namespace Dashboard.Telemetry;

/// <summary>What an attribute must be like.</summary>
public sealed record AttributeFilter(string Name, FilterOperation Operation, string Value = "")
{
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
