namespace Dashboard.Telemetry;

/// <summary>A process that sends telemetry.</summary>
public sealed class TelemetryResource
{
    internal TelemetryResource(string name, string? instance, IReadOnlyList<TelemetryAttribute> attributes) =>
        (Name, Instance, Attributes, Id) = (name, instance, attributes, instance is null ? name : $"{name}-{instance}");

    /// <summary>The service, such as <c>api</c>: its <c>service.name</c>.</summary>
    public string Name { get; }

    /// <summary>Which of its processes: its <c>service.instance.id</c>, if it has one.</summary>
    public string? Instance { get; }

    /// <summary>Name and instance: the id of the replica, for a process that the host started.</summary>
    public string Id { get; }

    /// <summary>All that the process says of itself.</summary>
    public IReadOnlyList<TelemetryAttribute> Attributes { get; }

    /// <summary>Whether a filter means this process: null means all, a service's name all of its processes, an id this one.</summary>
    public bool Matches(string? filter) => filter is null
        || string.Equals(filter, Name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(filter, Id, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => Id;
}
