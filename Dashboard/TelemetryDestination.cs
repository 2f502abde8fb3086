namespace Dashboard;

/// <summary>Where the app's telemetry goes.</summary>
/// <param name="Elsewhere">The receiver that the host of the app was told to use instead of the dashboard; null where it comes here.</param>
public sealed record TelemetryDestination(string? Elsewhere);
