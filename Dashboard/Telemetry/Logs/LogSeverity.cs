namespace Dashboard.Telemetry.Logs;

/// <summary>How much a record matters; the four grades that the protocol has within each are not told apart.</summary>
public enum LogSeverity
{
    Unspecified,
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
}
