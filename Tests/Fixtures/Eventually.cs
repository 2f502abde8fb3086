using System.Diagnostics;

namespace Tests.Fixtures;

/// <summary>Waits for a condition, with a limit.</summary>
public static class Eventually
{
    /// <summary>The limit of a wait that names none. Long, as it is only ever used up by a failure.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    /// <summary>Returns as soon as the condition holds; fails with what was awaited when it does not within the limit.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (limit ?? DefaultLimit))
                throw new TimeoutException($"Not within {(limit ?? DefaultLimit).TotalSeconds:0} s: {what}");
            await Task.Delay(10);
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, string, TimeSpan?)"/>
    public static Task HoldsAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        HoldsAsync(() => Task.FromResult(condition()), what, limit);
}
