namespace Dashboard.Telemetry;

/// <summary>A fact by name. Values of other kinds than text are in their usual written form; lists and maps are JSON.</summary>
public readonly record struct TelemetryAttribute(string Name, string Value);
