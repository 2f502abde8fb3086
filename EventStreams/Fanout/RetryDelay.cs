namespace EventStreams.Fanout;

/// <summary>Draws the <c>retry</c> of one client, so that a crowd does not come back in one instant.</summary>
internal static class RetryDelay
{
    /// <summary>Milliseconds between <see cref="EventStreamsOptions.MinRetry"/> and <see cref="EventStreamsOptions.MaxRetry"/>.</summary>
    public static int Draw(EventStreamsOptions options) => Draw(options.MinRetry, options.MaxRetry);

    /// <summary>Milliseconds between <see cref="EventStreamsOptions.OverloadRetry"/> and twice as much.</summary>
    public static int DrawForOverload(EventStreamsOptions options) => Draw(options.OverloadRetry, options.OverloadRetry * 2);

    /// <summary>How long a client for whom there is no place is held before its answer, in milliseconds: a tenth to a fifth of <see
    /// cref="EventStreamsOptions.OverloadRetry"/>, at most 2 s.</summary>
    public static int DrawHold(EventStreamsOptions options)
    {
        var longest = TimeSpan.FromTicks(Math.Min(options.OverloadRetry.Ticks / 5, TimeSpan.TicksPerSecond * 2));
        return Draw(longest / 2, longest);
    }

    private static int Draw(TimeSpan shortest, TimeSpan longest)
    {
        var min = (int)shortest.TotalMilliseconds;
        return min + Random.Shared.Next(Math.Max(1, (int)longest.TotalMilliseconds - min));
    }
}
