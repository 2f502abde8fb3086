using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Subtitles.Transcription.Tools;

/// <summary>Work of which several pieces are under way while the results come in the order of the pieces.</summary>
internal static class OrderedWork
{
    /// <summary>
    /// Works on the pieces as they come, on <paramref name="most"/> at the same time at the most, those included whose results wait to be
    /// taken. The results of the first unfinished piece come while it is worked on. A piece that fails ends the sequence at its place: what
    /// came before it is given out first. Nothing goes on when the sequence is given up.
    /// </summary>
    /// <param name="pieces">The pieces.</param>
    /// <param name="most">How many at a time.</param>
    /// <param name="work">Works on a piece and gives each of its results to the action.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public static async IAsyncEnumerable<TResult> SelectInOrderAsync<T, TResult>(
        this IAsyncEnumerable<T> pieces,
        int most,
        Func<T, Action<TResult>, CancellationToken, Task> work,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var places = new SemaphoreSlim(most);
        var begun = Channel.CreateUnbounded<(ChannelReader<TResult> Results, Task Work)>();
        var begin = BeginAllAsync();
        var current = Task.CompletedTask;
        try
        {
            await foreach (var piece in begun.Reader.ReadAllAsync(cancellationToken))
            {
                current = piece.Work;
                await foreach (var result in piece.Results.ReadAllAsync(cancellationToken))
                    yield return result;
                places.Release();
            }
        }
        finally
        {
            await stop.CancelAsync();
            await begin;
            await current;
            while (begun.Reader.TryRead(out var piece))
                await piece.Work;
        }

        async Task BeginAllAsync()
        {
            try
            {
                await foreach (var piece in pieces.WithCancellation(stop.Token))
                {
                    await places.WaitAsync(stop.Token);
                    var results = Channel.CreateUnbounded<TResult>();
                    begun.Writer.TryWrite((results.Reader, WorkAsync(piece, results.Writer)));
                }
                begun.Writer.Complete();
            }
            catch (Exception e)
            {
                begun.Writer.Complete(e);
            }
        }

        async Task WorkAsync(T piece, ChannelWriter<TResult> results)
        {
            try
            {
                await work(piece, result => results.TryWrite(result), stop.Token);
                results.Complete();
            }
            catch (Exception e)
            {
                results.Complete(e);
            }
        }
    }
}
