using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dashboard.Resources;

/// <summary>One replica of a resource of the app at one moment.</summary>
public sealed record ReplicaState
{
    /// <summary>Names the replica, such as <c>api-abcdefgh</c>; in telemetry it goes by the same id.</summary>
    public required string Id { get; init; }

    /// <summary>The resource that it is a replica of, such as <c>api</c>.</summary>
    public required string Resource { get; init; }

    /// <summary>The kind of resource, such as <c>Project</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Such as <c>Running</c> or <c>Exited</c>; null before the first.</summary>
    public string? State { get; init; }

    /// <summary>Null while it does not run.</summary>
    public HealthStatus? Health { get; init; }

    public int? ExitCode { get; init; }

    public int? ProcessId { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>The commands that make sense in this state.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    public IReadOnlyList<ReplicaUrl> Urls { get; init; } = [];

    public IReadOnlyList<NamedValue> Properties { get; init; } = [];

    public IReadOnlyList<NamedValue> Environment { get; init; } = [];

    public IReadOnlyList<ResourceReference> References { get; init; } = [];

    public IReadOnlyList<HealthResult> HealthResults { get; init; } = [];
}

/// <summary>An address. An internal one is the replica's own, behind the one that all replicas share.</summary>
public sealed record ReplicaUrl(string? Endpoint, string Url, string DisplayName, bool IsInternal, bool IsActive);

/// <summary>A fact. A secret one is shown only to who asks for it.</summary>
public sealed record NamedValue(string Name, string? Value, bool IsSecret);

/// <summary>That the resource refers to another one, and how, such as <c>Reference</c> or <c>WaitFor</c>.</summary>
public sealed record ResourceReference(string Resource, string Kind);

/// <summary>The last result of one health check; no status before the first.</summary>
public sealed record HealthResult(string Check, HealthStatus? Status, string? Description, string? Error, DateTimeOffset? At);

/// <summary>A line that a replica printed, with the escape sequences that colour it; numbers count from 1 without holes.</summary>
/// <param name="At">When it was read.</param>
public readonly record struct ConsoleLine(int Number, DateTimeOffset At, string Text, bool IsError);
