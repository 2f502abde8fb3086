using System.Diagnostics.CodeAnalysis;

namespace EventStreams.Redis;

/// <summary>
/// Joins what is asked for at the same time into calls. While few calls are under way each goes out at once and alone, so that nothing
/// waits where there is little to do; what comes while as many are under way as are useful gathers, and goes out as one call as soon as one
/// of them has ended. Calls are made in the order of the asking.
/// </summary>
/// <param name="callsInFlight">Calls under way before items gather. Two keep both ends busy: one is worked on there while the answer to the
/// other is handed out here.</param>
/// <param name="maxItems">Items of a call at the most.</param>
/// <param name="maxBytes">Bytes of a call at the most, but for one item.</param>
/// <param name="sizeOf">The bytes of an item.</param>
/// <param name="call">Makes a call, and answers its items in order: all of them or the first ones, at least one; the others go out again.
/// Where it fails, so does what has waited for at least half as long as it was under way: it would only wait in turn for the same.</param>
/// <param name="onIdle">Called when nothing is under way any more: whoever holds the batcher lets go of it, as it takes nothing again.
/// Without it, it is used forever.</param>
internal sealed class CallBatcher<TItem, TResult>(
    int callsInFlight,
    int maxItems,
    int maxBytes,
    Func<TItem, int> sizeOf,
    Func<TItem[], Task<TResult[]>> call,
    Action? onIdle = null
)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiting = new();
    private int _inFlight;
    private bool _isOver;

    /// <summary>Asks for one item. False when the batcher was idle, and has been let go of.</summary>
    public bool TryRun(TItem item, [NotNullWhen(true)] out Task<TResult>? answer)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                answer = null;
            }
            else if (_inFlight < callsInFlight)
            {
                _inFlight++;
                // Begun under the lock, as every call: what follows must not overtake it.
                answer = AloneAsync(call([item]));
            }
            else
            {
                var waiter = new Waiter(item);
                _waiting.Enqueue(waiter);
                answer = waiter.Task;
            }
            return answer is not null;
        }
    }

    /// <summary>Sends what has gathered at once, so that a call that is made elsewhere comes behind it.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            while (_waiting.Count > 0)
            {
                _inFlight++;
                Next([]);
            }
        }
    }

    private async Task<TResult> AloneAsync(Task<TResult[]> calling)
    {
        var started = Environment.TickCount64;
        try
        {
            return (await calling)[0];
        }
        catch (Exception e)
        {
            FailWaiting(started, e);
            throw;
        }
        finally
        {
            Next([]);
        }
    }

    private async Task AnswerAsync(Waiter[] batch, Task<TResult[]> calling)
    {
        var (answered, started) = (0, Environment.TickCount64);
        try
        {
            foreach (var result in await calling)
                batch[answered++].SetResult(result);
        }
        catch (Exception e)
        {
            foreach (var waiter in batch.AsSpan(answered))
                waiter.SetException(e);
            answered = batch.Length;
            FailWaiting(started, e);
        }
        Next(batch[answered..]);
    }

    // A call has ended, and left some of its items unanswered.
    private void Next(Waiter[] unanswered)
    {
        lock (_gate)
        {
            var batch = Take(unanswered);
            if (batch.Length > 0)
            {
                _ = AnswerAsync(batch, call(Array.ConvertAll(batch, static waiter => waiter.Item)));
            }
            else if (--_inFlight == 0 && onIdle is not null)
            {
                _isOver = true;
                onIdle();
            }
        }
    }

    private Waiter[] Take(Waiter[] first)
    {
        var batch = new List<Waiter>(first);
        var bytes = 0L;
        while (batch.Count < maxItems && _waiting.TryPeek(out var next) && ((bytes += sizeOf(next.Item)) <= maxBytes || batch.Count == 0))
            batch.Add(_waiting.Dequeue());
        return [.. batch];
    }

    private void FailWaiting(long started, Exception exception)
    {
        var now = Environment.TickCount64;
        lock (_gate)
        {
            while (_waiting.TryPeek(out var oldest) && now - oldest.Since >= (now - started) / 2)
                _waiting.Dequeue().SetException(exception);
        }
    }

    private sealed class Waiter(TItem item) : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TItem Item => item;

        public long Since { get; } = Environment.TickCount64;
    }
}
