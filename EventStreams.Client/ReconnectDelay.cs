namespace EventStreams.Client;

/// <summary>How long a stream waits between two connections: what the server asks for, growing while nothing is gained, and never alike for
/// two clients.</summary>
internal sealed class ReconnectDelay(FollowOptions options, Random random)
{
    /// <summary>The longest delay that is kept to, whatever a server asks for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // Growth needs something to grow from: a server may ask for no delay at all.
    private const double LeastGrowingMilliseconds = 100;

    private TimeSpan _retry = options.Retry;

    /// <summary>Connections in succession that brought no message.</summary>
    public int Fruitless { get; private set; }

    /// <summary>The server's <c>retry</c>.</summary>
    public void Told(TimeSpan retry) => _retry = retry < Longest ? retry : Longest;

    /// <summary>The connection brought a message.</summary>
    public void Delivered() => Fruitless = 0;

    /// <summary>The connection is over, or none was made.</summary>
    /// <param name="isFruitless">Whether it brought no message.</param>
    /// <param name="atLeast">What the server demanded beside its <c>retry</c>.</param>
    public TimeSpan Next(bool isFruitless, TimeSpan atLeast = default)
    {
        var milliseconds = _retry.TotalMilliseconds;
        if (isFruitless && ++Fruitless > 1)
        {
            var grown = Math.Max(milliseconds, LeastGrowingMilliseconds) * Math.Pow(2, Math.Min(Fruitless - 1, 32));
            milliseconds = Math.Max(milliseconds, Math.Min(grown, options.MaxDelay.TotalMilliseconds));
        }
        milliseconds = Math.Max(milliseconds, Math.Min(atLeast.TotalMilliseconds, Longest.TotalMilliseconds));
        // Only ever added: the server's retry is the least that it wants. Half as much again spreads a crowd that was told the same.
        return TimeSpan.FromMilliseconds(milliseconds * (1 + random.NextDouble() / 2));
    }
}
