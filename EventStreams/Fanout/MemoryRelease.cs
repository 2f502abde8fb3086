using Microsoft.Extensions.Logging;

namespace EventStreams.Fanout;

/// <summary>
/// Gives the memory that the requests of a crowd of streams have left behind back to the system, once the replica has become idle: by
/// itself the collector would keep it as room for the next crowd. Not safe for several threads.
/// </summary>
/// <param name="afterStreams">Streams that must have been opened since the last time; 0 for never.</param>
/// <param name="collect">Collects all garbage and gives its memory back.</param>
/// <param name="logger">Is told of it.</param>
internal sealed partial class MemoryRelease(int afterStreams, Action collect, ILogger logger)
{
    private (long Opened, long Delivered) _seen;
    private long _openedAtRelease;

    /// <summary>Takes a look, in steps that are long enough for a replica at work to open or deliver something between two of
    /// them.</summary>
    /// <param name="opened">Streams opened so far.</param>
    /// <param name="delivered">Events delivered so far.</param>
    public void Look(long opened, long delivered)
    {
        var isAtRest = _seen == (opened, delivered);
        _seen = (opened, delivered);
        if (afterStreams == 0 || !isAtRest || opened - _openedAtRelease < afterStreams)
            return;
        LogReleasing(opened - _openedAtRelease);
        _openedAtRelease = opened;
        collect();
    }

    [LoggerMessage(LogLevel.Debug, "At rest after {Count} new streams: memory goes back to the system.")]
    private partial void LogReleasing(long count);
}
