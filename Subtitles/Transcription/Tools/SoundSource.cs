using Subtitles.Media;

namespace Subtitles.Transcription.Tools;

/// <summary>The sound of a file or a playlist, as it is decoded: mono PCM, signed 16 bit little endian, <see cref="MediaTools.SampleRate"/> Hz.</summary>
internal sealed class SoundSource : IAsyncDisposable
{
    private readonly ExternalProcess _process;
    private readonly Func<ExternalProcess, TranscriptionException> _describeFailure;
    private readonly GuardedProxy? _proxy;
    private readonly CancellationTokenSource? _stop;

    public SoundSource(ExternalProcess process, Func<ExternalProcess, TranscriptionException> describeFailure, GuardedProxy? proxy = null, CancellationTokenSource? stop = null) =>
        (_process, _describeFailure, _proxy, _stop) = (process, describeFailure, proxy, stop);

    /// <summary>The sound; it ends early when decoding fails, which <see cref="EnsureDecodedAsync"/> tells.</summary>
    public Stream Output => _process.Output;

    /// <summary>To be called at the end of the output.</summary>
    /// <exception cref="TranscriptionException">The sound could not be decoded to its end, or an address in a playlist is not allowed.</exception>
    public async Task EnsureDecodedAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _process.WaitForExitAsync() != 0 && _proxy?.Refusal is null)
                throw _describeFailure(_process);
        }
        catch (OperationCanceledException) when (_proxy?.Refusal is not null)
        {
            // Said below.
        }
        cancellationToken.ThrowIfCancellationRequested();
        if (_proxy?.Refusal is { } refusal)
            throw new TranscriptionException($"The playlist names an address that is not allowed. {refusal.Message}", refusal);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        _stop?.Dispose();
    }
}
