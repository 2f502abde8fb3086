using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.Speech;

/// <summary>Reads decoded sound and cuts it at its pauses.</summary>
internal static class UtteranceReader
{
    /// <summary>Less than a tenth of a second: what a decoder makes of damage, not a recording.</summary>
    private const int LeastBytes = MediaTools.SampleRate / 10 * sizeof(short);

    private const int PieceSamples = MediaTools.SampleRate / 10;

    /// <summary>The utterances, each when it has ended.</summary>
    /// <param name="sound">From <see cref="MediaTools.OpenSound"/>.</param>
    /// <param name="ends">Where utterances end.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="TranscriptionException">The sound could not be decoded to its end, or there is none where the header names
    /// it.</exception>
    public static async IAsyncEnumerable<Utterance> ReadAsync(
        SoundSource sound,
        UtteranceEnds ends,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var (_, ended) in CutAsync(sound, new UtteranceCutter(MediaTools.SampleRate, ends), cancellationToken))
        {
            if (ended is not null)
                yield return ended;
        }
    }

    /// <summary>The sound of the utterances as it comes, and their ends.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async IAsyncEnumerable<SpeechPiece> ReadPiecesAsync(
        SoundSource sound,
        UtteranceEnds ends,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var given = 0;
        await foreach (var (cutter, ended) in CutAsync(sound, new UtteranceCutter(MediaTools.SampleRate, ends), cancellationToken))
        {
            if (ended is not null)
            {
                yield return new SpeechPiece(ended.StartMs, given < ended.Samples.Length ? ended.Samples[given..] : [], ended);
                given = 0;
            }
            while (cutter.IsOpen && cutter.OpenSamples.Length >= given + PieceSamples)
            {
                yield return new SpeechPiece(cutter.OpenStartMs, cutter.OpenSamples.Slice(given, PieceSamples).ToArray(), null);
                given += PieceSamples;
            }
        }
    }

    /// <summary>Gives the sound to the cutter, frame by frame: the cutter after each, and the utterance that has ended with it.</summary>
    private static async IAsyncEnumerable<(UtteranceCutter Cutter, Utterance? Ended)> CutAsync(
        SoundSource sound,
        UtteranceCutter cutter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var bytes = new byte[cutter.FrameSamples * sizeof(short)];
        var total = 0L;
        int read;
        while ((read = await sound.Output.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            total += read;
            // The last frame is filled up with silence.
            bytes.AsSpan(read).Clear();
            yield return (cutter, cutter.Add(MemoryMarshal.Cast<byte, short>(bytes)));
        }
        await sound.EnsureDecodedAsync(cancellationToken);
        if (total < LeastBytes)
            throw new TranscriptionException(
                "The file names a sound track, and nothing in it can be decoded. Is the file complete, and does it play elsewhere?"
            );
        if (cutter.Finish() is { } last)
            yield return (cutter, last);
    }
}
