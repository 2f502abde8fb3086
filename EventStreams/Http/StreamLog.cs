using Microsoft.Extensions.Logging;

namespace EventStreams.Http;

/// <summary>The endpoint's log messages.</summary>
internal static partial class StreamLog
{
    [LoggerMessage(LogLevel.Warning, "Topic {Topic}: a stream was turned away, to come back later. {Reason}")]
    public static partial void LogStreamUnavailable(this ILogger logger, Topic topic, string reason);
}
