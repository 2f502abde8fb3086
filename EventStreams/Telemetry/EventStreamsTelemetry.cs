using System.Diagnostics;

namespace EventStreams.Telemetry;

/// <summary>The names under which the library's traces and metrics are found.</summary>
public static class EventStreamsTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "EventStreams";

    internal static readonly ActivitySource Source = new(Name);
}
