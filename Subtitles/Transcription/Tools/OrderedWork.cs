using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Subtitles.Transcription.Tools;

/// <summary>Work of which several pieces are under way while the results come in the order of the pieces.</summary>
internal static class OrderedWork
{
    /// <summary>
    /// Works on the pieces as they come, on <paramref name="most"/> at the same time at the most, those included whose results wait to be taken. A piece that fails ends the sequence at its place:
    /// the results before it are given out first. Nothing goes on when the sequence is given up.
    /// </summary>
    public static async IAsyncEnumerable<TResult> SelectInOrderAsync<T, TResult>(
        this IAsyncEnumerable<T> pieces, int most, Func<T, CancellationToken, Task<TResult>> work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var places = new SemaphoreSlim(most);
        var begun = Channel.CreateUnbounded<Task<TResult>>();
        var begin = BeginAllAsync();
        try
        {
            await foreach (var result in begun.Reader.ReadAllAsync(cancellationToken))
            {
                yield return await result;
                places.Release();
            }
        }
        finally
        {
            await stop.CancelAsync();
            await begin;
            while (begun.Reader.TryRead(out var task))
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task BeginAllAsync()
        {
            try
            {
                await foreach (var piece in pieces.WithCancellation(stop.Token))
                {
                    await places.WaitAsync(stop.Token);
                    begun.Writer.TryWrite(work(piece, stop.Token));
                }
                begun.Writer.Complete();
            }
            catch (Exception e)
            {
                begun.Writer.Complete(e);
            }
        }
    }
}
