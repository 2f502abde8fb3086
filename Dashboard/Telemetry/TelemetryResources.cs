namespace Dashboard.Telemetry;

/// <summary>The processes that have sent telemetry.</summary>
public sealed class TelemetryResources(TelemetryLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, string? Instance), TelemetryResource> _all = [];

    /// <summary>By id.</summary>
    public IReadOnlyList<TelemetryResource> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _all.Values.OrderBy(r => r.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The process of these attributes, the same object each time; null when there are too many processes.</summary>
    internal TelemetryResource? Get(IReadOnlyList<TelemetryAttribute> attributes)
    {
        string? name = null, instance = null;
        foreach (var attribute in attributes)
        {
            switch (attribute.Name)
            {
                case "service.name":
                    name = attribute.Value;
                    break;
                case "service.instance.id":
                    instance = attribute.Value;
                    break;
            }
        }

        var key = (string.IsNullOrEmpty(name) ? "unknown_service" : name, string.IsNullOrEmpty(instance) ? null : instance);
        lock (_lock)
        {
            if (!_all.TryGetValue(key, out var resource) && _all.Count < limits.MaxResources)
            {
                _all[key] = resource = new(key.Item1, key.Item2, attributes);
            }

            return resource;
        }
    }
}
