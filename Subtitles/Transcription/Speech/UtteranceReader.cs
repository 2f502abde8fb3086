using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.Speech;

/// <summary>Reads decoded sound and cuts it at its pauses.</summary>
internal static class UtteranceReader
{
    /// <summary>Less than a tenth of a second: what a decoder makes of damage, not a recording.</summary>
    private const int LeastBytes = MediaTools.SampleRate / 10 * sizeof(short);

    /// <summary>The utterances, as they are heard.</summary>
    /// <param name="sound">From <see cref="MediaTools.OpenSound"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="TranscriptionException">The sound could not be decoded to its end, or there is none where the header names it.</exception>
    public static async IAsyncEnumerable<Utterance> ReadAsync(SoundSource sound, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cutter = new UtteranceCutter(MediaTools.SampleRate);
        var bytes = new byte[cutter.FrameSamples * sizeof(short)];
        var total = 0L;
        int read;
        while ((read = await sound.Output.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            total += read;
            // The last frame is filled up with silence.
            bytes.AsSpan(read).Clear();
            if (cutter.Add(MemoryMarshal.Cast<byte, short>(bytes)) is { } utterance)
                yield return utterance;
        }
        await sound.EnsureDecodedAsync(cancellationToken);
        if (total < LeastBytes)
            throw new TranscriptionException(
                "The file names a sound track, and nothing in it can be decoded. Is the file complete, and does it play elsewhere?");
        if (cutter.Finish() is { } last)
            yield return last;
    }
}
