namespace EventStreams.Fanout;

/// <summary>Draws the <c>retry</c> of one client, so that a crowd does not come back in one instant.</summary>
internal static class RetryDelay
{
    /// <summary>Milliseconds between <see cref="EventStreamsOptions.MinRetry"/> and <see cref="EventStreamsOptions.MaxRetry"/>.</summary>
    public static int Draw(EventStreamsOptions options)
    {
        var min = (int)options.MinRetry.TotalMilliseconds;
        return min + Random.Shared.Next(Math.Max(1, (int)options.MaxRetry.TotalMilliseconds - min));
    }
}
