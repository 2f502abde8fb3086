using Microsoft.Extensions.Options;

namespace Web.Fanout;

/// <summary>Bounds the viewers that all fan-out pages hold together. Thread-safe.</summary>
internal sealed class ViewerLimit(IOptions<FanoutOptions> options)
{
    private int _taken;

    /// <summary>Takes room for one viewer; false when there is none.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= options.Value.MaxViewers)
            return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    /// <summary>Gives back what <see cref="TryTake"/> took.</summary>
    public void GiveBack() => Interlocked.Decrement(ref _taken);
}
