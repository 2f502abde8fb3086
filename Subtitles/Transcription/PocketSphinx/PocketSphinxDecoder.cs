using System.Globalization;
using System.Runtime.InteropServices;
using Subtitles.Transcription.Speech;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.PocketSphinx;

/// <summary>
/// One running <c>pocketsphinx_batch</c>. Its list of utterances is its standard input, so that it loads the model once and then answers
/// each utterance as it is named. Each is decoded whole, normalised by its own mean, and without anything kept of the one before: the same
/// sound gives the same words, whatever came earlier.
/// </summary>
internal sealed class PocketSphinxDecoder : IAsyncDisposable
{
    private const string FolderPrefix = "aspiresse-speech-";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(2);

    private readonly ExternalProcess _process;
    private readonly DirectoryInfo _folder;
    private int _count;

    private PocketSphinxDecoder(ExternalProcess process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
    }

    public static PocketSphinxDecoder Start(TranscriptionOptions options, CancellationToken cancellationToken)
    {
        DeleteLeftovers();
        var folder = Directory.CreateTempSubdirectory(FolderPrefix);
        try
        {
            var process = ExternalProcess.Start(
                options.PocketSphinx,
                [
                    "-hmm",
                    Path.Combine(options.PocketSphinxModel, "en-us"),
                    "-lm",
                    Path.Combine(options.PocketSphinxModel, "en-us.lm.bin"),
                    "-dict",
                    Path.Combine(options.PocketSphinxModel, "cmudict-en-us.dict"),
                    "-ctl",
                    "/dev/stdin",
                    "-cepdir",
                    folder.FullName,
                    "-cepext",
                    ".raw",
                    "-adcin",
                    "yes",
                    "-hypseg",
                    "/dev/stdout",
                    // Over the whole utterance, not as it comes: the result must not depend on what was heard before.
                    "-cmn",
                    "batch",
                    // It would cut frames out and so shift the times of the words; the pauses are cut off already.
                    "-remove_silence",
                    "no",
                ],
                options.MaxMediaDuration * 4,
                cancellationToken
            );
            return new PocketSphinxDecoder(process, folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Decodes one utterance.</summary>
    /// <exception cref="TranscriptionException">The recogniser died or does not answer; another attempt may succeed.</exception>
    public async Task<IReadOnlyList<SpokenWord>> DecodeAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"u{++_count:000000}");
        var path = Path.Combine(_folder.FullName, id + ".raw");
        await File.WriteAllBytesAsync(path, MemoryMarshal.AsBytes(utterance.Samples.AsSpan()).ToArray(), cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            await _process.Input.WriteAsync((id + "\n").AsMemory(), limit.Token);
            await _process.Input.FlushAsync(limit.Token);
            var answer = await _process.OutputText.ReadLineAsync(limit.Token);
            cancellationToken.ThrowIfCancellationRequested();
            return answer is null ? throw Died() : HypothesisLine.Read(answer, id, utterance.StartMs);
        }
        catch (IOException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Died();
        }
        catch (FormatException e)
        {
            throw new TranscriptionException($"The recogniser pocketsphinx answers in an unknown form. {e.Message}", isTransient: true, e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TranscriptionException("The recogniser pocketsphinx does not answer any more.", isTransient: true);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Removes what workers left that were killed: an utterance each. One in use is written to every few seconds.</summary>
    private static void DeleteLeftovers()
    {
        foreach (var folder in new DirectoryInfo(Path.GetTempPath()).EnumerateDirectories(FolderPrefix + "*"))
        {
            try
            {
                if (folder.LastWriteTimeUtc < TimeProvider.System.GetUtcNow().AddDays(-1))
                    folder.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another worker was faster, or it is another user's.
            }
        }
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
