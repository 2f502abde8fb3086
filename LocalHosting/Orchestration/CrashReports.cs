using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LocalHosting.Orchestration;

/// <summary>Says that a replica ended although nobody stopped it.</summary>
internal sealed partial class CrashReports(ResourceLoggerService logs, ILogger<CrashReports> logger)
{
    private const int Lines = 10;

    /// <summary>Raised with the replica's id, its exit code and its last lines.</summary>
    public event Action<string, int, IReadOnlyList<LogLine>>? Crashed;

    public void Report(Replica replica, int exitCode)
    {
        LogCrash(replica.Id, exitCode);
        Crashed?.Invoke(replica.Id, exitCode, logs.Last(replica.Id, Lines));
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Replica} ended by itself with exit code {ExitCode}.")]
    private partial void LogCrash(string replica, int exitCode);
}
