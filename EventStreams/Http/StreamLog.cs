using EventStreams.Fanout;
using Microsoft.Extensions.Logging;

namespace EventStreams.Http;

/// <summary>The endpoint's log messages.</summary>
internal static partial class StreamLog
{
    [LoggerMessage(LogLevel.Warning, "Topic {Topic}: a stream was turned away, to come back later. {Reason}")]
    public static partial void LogStreamUnavailable(this ILogger logger, string topic, string reason);

    // A crowd that finds no place comes back again and again: the counter of rejected streams tells how many they are.
    [LoggerMessage(LogLevel.Debug, "Topic {Topic}: a stream of {Address} was turned away, to come back later ({Reason}).")]
    public static partial void LogStreamRejected(this ILogger logger, string topic, System.Net.IPAddress? address, Admission reason);
}
