namespace Benchmarks.Soak;

/// <summary>
/// Topics of every kind: one that a fifth of the viewers follow, fifty that share three tenths, and small ones of about ten viewers each
/// that come and go. What is followed and what is published moves on to other small ones all the time.
/// </summary>
/// <param name="viewers">How many there are at a time.</param>
internal sealed class SoakTopics(int viewers)
{
    private const int Warm = 50;
    private const int ViewersOfSmall = 10;

    private readonly int _small = Math.Max(1, viewers / 2 / ViewersOfSmall);
    private int _picked;

    /// <summary>The topic of a viewer who comes.</summary>
    public string Pick()
    {
        var picked = Interlocked.Increment(ref _picked);
        return (picked % 10) switch
        {
            < 2 => "hot",
            < 5 => $"warm:{Random.Shared.Next(Warm)}",
            _ => Small(),
        };
    }

    /// <summary>The topic of an event.</summary>
    public string ToPublish(int i) =>
        (i % 20) switch
        {
            0 => "hot",
            < 6 => $"warm:{Random.Shared.Next(Warm)}",
            _ => Small(),
        };

    // The window moves on by one with every twenty viewers, of whom ten follow a small one.
    private string Small() => $"small:{Volatile.Read(ref _picked) / (2 * ViewersOfSmall) + Random.Shared.Next(_small)}";
}
