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
        var most = limit ?? DefaultLimit;
        var started = Stopwatch.GetTimestamp();
        while (!await AskAsync())
        {
            if (Stopwatch.GetElapsedTime(started) > most)
                throw new TimeoutException($"Not within {most.TotalSeconds:0} s: {what}");
            await Task.Delay(10);
        }

        // A question without an answer is a failure too, and must not hold up the tests behind it.
        async Task<bool> AskAsync()
        {
            try
            {
                return await condition().WaitAsync(most);
            }
            catch (TimeoutException e)
            {
                throw new TimeoutException($"Not within {most.TotalSeconds:0} s: {what}. {e.Message}", e);
            }
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, string, TimeSpan?)"/>
    public static Task HoldsAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        HoldsAsync(() => Task.FromResult(condition()), what, limit);
}
