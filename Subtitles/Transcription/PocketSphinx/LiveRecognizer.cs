using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Subtitles.Transcription.Speech;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.PocketSphinx;

/// <summary>
/// Speech recognised while it is spoken, by the program <c>SpeechDecoder</c>: the words so far, and soon after an utterance's end those
/// that it comes to. The sound is searched as it comes, so the end costs but the second look at the words found. Utterances follow each
/// other on one normalisation, which forgets within seconds: one that goes on in the middle needs a little of what was said before.
/// </summary>
internal sealed class LiveRecognizer : IAsyncDisposable
{
    private const string Ready = "READY";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(2);

    private readonly ExternalProcess _process;
    private readonly Stream _input;

    private LiveRecognizer(ExternalProcess process)
    {
        _process = process;
        _input = ((StreamWriter)process.Input).BaseStream;
    }

    public static LiveRecognizer Start(TranscriptionOptions options, CancellationToken cancellationToken)
    {
        var model = options.PocketSphinxModel;
        var (program, arguments) = DecoderProgram.Find();
        return new LiveRecognizer(
            ExternalProcess.Start(
                program,
                [
                    .. arguments,
                    "-hmm",
                    Path.Combine(model, "en-us"),
                    "-lm",
                    Path.Combine(model, "en-us.lm.bin"),
                    "-dict",
                    Path.Combine(model, "cmudict-en-us.dict"),
                    // The pauses are cut off already, and cutting frames out would shift the times of the words.
                    "-remove_silence",
                    "no",
                ],
                options.MaxMediaDuration * 4,
                cancellationToken
            )
        );
    }

    /// <summary>The words of the utterances. Gives what is known of an utterance whenever it changes, and at last what it comes
    /// to.</summary>
    /// <exception cref="TranscriptionException">The recogniser died or does not answer; another attempt may succeed.</exception>
    public async IAsyncEnumerable<Hypothesis> HearAsync(
        IAsyncEnumerable<SpeechPiece> pieces,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var utterances = Channel.CreateUnbounded<(long StartMs, TaskCompletionSource<Utterance> Ended)>();
        var feeding = FeedAsync(pieces, utterances.Writer, stop.Token);
        try
        {
            (long StartMs, TaskCompletionSource<Utterance> Ended)? current = null;
            while (await _process.OutputText.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line == Ready)
                    continue;
                current ??= await utterances.Reader.ReadAsync(cancellationToken);
                var (startMs, ended) = current.Value;
                // The end is told to the recogniser after it is known here.
                var whole = line[0] == 'F' ? await ended.Task.WaitAsync(cancellationToken) : null;
                yield return new Hypothesis(ReadWords(line, startMs), whole);
                if (whole is not null)
                    current = null;
            }
            cancellationToken.ThrowIfCancellationRequested();
            if (await DescribeEndAsync(feeding) is { } failure)
                throw failure;
        }
        finally
        {
            await stop.CancelAsync();
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Words without pauses and noises, their times in the media.</summary>
    /// <exception cref="TranscriptionException">The line has another form.</exception>
    internal static IReadOnlyList<SpokenWord> ReadWords(string line, long startMs)
    {
        try
        {
            return HypothesisLine.ReadLive(line, startMs);
        }
        catch (FormatException e)
        {
            throw new TranscriptionException("The recogniser pocketsphinx answers in an unknown form.", isTransient: true, e);
        }
    }

    private async Task FeedAsync(
        IAsyncEnumerable<SpeechPiece> pieces,
        ChannelWriter<(long StartMs, TaskCompletionSource<Utterance> Ended)> utterances,
        CancellationToken cancellationToken
    )
    {
        try
        {
            TaskCompletionSource<Utterance>? open = null;
            await foreach (var piece in pieces.WithCancellation(cancellationToken))
            {
                if (open is null)
                {
                    open = new TaskCompletionSource<Utterance>(TaskCreationOptions.RunContinuationsAsynchronously);
                    utterances.TryWrite((piece.StartMs, open));
                    await WriteAsync("S"u8.ToArray(), cancellationToken);
                }
                if (piece.Samples.Length > 0)
                    await WriteAsync(Command(piece.Samples), cancellationToken);
                if (piece.Ended is not { } ended)
                    continue;
                open.SetResult(ended);
                open = null;
                await WriteAsync("E"u8.ToArray(), cancellationToken);
            }
        }
        finally
        {
            // The recogniser ends with its input, and so the reading of what it says.
            await _input.DisposeAsync();
        }
    }

    private static byte[] Command(ReadOnlySpan<short> samples)
    {
        var bytes = MemoryMarshal.AsBytes(samples);
        var command = new byte[1 + sizeof(int) + bytes.Length];
        command[0] = (byte)'A';
        BinaryPrimitives.WriteInt32LittleEndian(command.AsSpan(1), bytes.Length);
        bytes.CopyTo(command.AsSpan(1 + sizeof(int)));
        return command;
    }

    /// <summary>The recogniser takes what is written as fast as it hears it; one that takes nothing has died in some way.</summary>
    private async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            await _input.WriteAsync(bytes, limit.Token);
            await _input.FlushAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TranscriptionException("The recogniser pocketsphinx does not answer any more.", isTransient: true);
        }
    }

    private async Task<TranscriptionException?> DescribeEndAsync(Task feeding)
    {
        try
        {
            await feeding;
        }
        catch (IOException)
        {
            // It took no more: what it said before tells why.
            return Died();
        }
        return await _process.WaitForExitAsync() == 0 ? null : Died();
    }

    private TranscriptionException Died()
    {
        var lines = _process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var reason =
            lines.LastOrDefault(l => l.StartsWith("ERROR", StringComparison.Ordinal) || l.StartsWith("FATAL", StringComparison.Ordinal))
            ?? lines.LastOrDefault();
        return new TranscriptionException(
            $"The recogniser pocketsphinx ended unexpectedly: {reason ?? "it said nothing"}.",
            isTransient: true
        );
    }
}

/// <summary>What is known of an utterance.</summary>
/// <param name="Words">Its words.</param>
/// <param name="Ended">The utterance, once it has ended and the words are settled; else null.</param>
internal sealed record Hypothesis(IReadOnlyList<SpokenWord> Words, Utterance? Ended);
