using System.IO.Pipelines;
using Subtitles.Media;

namespace Subtitles.Transcription.Tools;

/// <summary>The sound of a file or a playlist, as it is decoded: mono PCM, signed 16 bit little endian, <see cref="MediaTools.SampleRate"/>
/// Hz.</summary>
internal sealed class SoundSource : IAsyncDisposable
{
    // A live source goes on while an engine is busy: five minutes of sound wait for it, in 10 MB at the most.
    private const int LiveBytes = 5 * 60 * MediaTools.SampleRate * sizeof(short);

    private readonly ExternalProcess _process;
    private readonly Func<ExternalProcess, TranscriptionException> _describeFailure;
    private readonly CancellationTokenSource _stop;
    private readonly Task _feeding;
    private readonly Task _buffering;

    /// <param name="process">The decoder.</param>
    /// <param name="describeFailure">What to say when it fails.</param>
    /// <param name="feed">Writes the decoder's input; null where it reads a file.</param>
    /// <param name="isLive">Whether the input goes on by itself, so that the sound is to be taken as it comes.</param>
    /// <param name="cancellationToken">Ends the feeding.</param>
    public SoundSource(
        ExternalProcess process,
        Func<ExternalProcess, TranscriptionException> describeFailure,
        Func<Stream, CancellationToken, Task>? feed = null,
        bool isLive = false,
        CancellationToken cancellationToken = default
    )
    {
        (_process, _describeFailure) = (process, describeFailure);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _feeding = feed is null ? Task.CompletedTask : FeedAsync(feed);
        (Output, _buffering) = isLive ? Buffer(process.Output) : (process.Output, Task.CompletedTask);
    }

    /// <summary>The sound; it ends early when decoding fails, which <see cref="EnsureDecodedAsync"/> tells.</summary>
    public Stream Output { get; }

    /// <summary>To be called at the end of the output.</summary>
    /// <exception cref="TranscriptionException">The sound could not be decoded to its end, or a playlist names what is not allowed or not
    /// there.</exception>
    public async Task EnsureDecodedAsync(CancellationToken cancellationToken)
    {
        var exitCode = await _process.WaitForExitAsync();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await _feeding;
        }
        catch (SourceAddressException refusal)
        {
            throw new TranscriptionException($"The playlist names an address that is not allowed. {refusal.Message}", refusal);
        }
        catch (MediaFetchException failure)
        {
            throw new TranscriptionException(
                $"The playlist could not be heard to its end. {failure.Message}",
                failure.IsTransient,
                failure
            );
        }
        if (exitCode != 0)
            throw _describeFailure(_process);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _process.DisposeAsync();
        await _feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Output.DisposeAsync();
        await _buffering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task FeedAsync(Func<Stream, CancellationToken, Task> feed)
    {
        var input = _process.Input;
        try
        {
            await feed(((StreamWriter)input).BaseStream, _stop.Token);
        }
        catch (IOException)
        {
            // The decoder has ended, having all that it wants or at a fault: its exit code tells.
        }
        finally
        {
            Close(input);
        }
    }

    private static void Close(TextWriter input)
    {
        try
        {
            input.Close();
        }
        catch (IOException)
        {
            // As above.
        }
    }

    private (Stream Output, Task Buffering) Buffer(Stream sound)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: LiveBytes, resumeWriterThreshold: LiveBytes / 2));
        return (pipe.Reader.AsStream(), CopyAsync());

        async Task CopyAsync()
        {
            try
            {
                await sound.CopyToAsync(pipe.Writer, _stop.Token);
            }
            finally
            {
                await pipe.Writer.CompleteAsync();
            }
        }
    }
}
