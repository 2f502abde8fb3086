using System.Diagnostics;
using Microsoft.Extensions.Options;
using Subtitles.Media;
using Subtitles.Media.Hls;
using Subtitles.Transcription;
using Subtitles.Transcription.Embedded;
using Subtitles.Transcription.OpenAi;
using Subtitles.Transcription.PocketSphinx;
using Subtitles.Transcription.Tools;

namespace Tests.Fixtures;

/// <summary>The engines as the application makes them, and sound and films to try them on.</summary>
internal static class SpeechTools
{
    public static TranscriptionOptions Options { get; } = new();

    public static MediaTools Media { get; } = Tools(new MediaOptions());

    public static EmbeddedTranscriber Embedded { get; } = new(Media);

    public static PocketSphinxTranscriber PocketSphinx { get; } = new(Media, Microsoft.Extensions.Options.Options.Create(Options));

    public static TranscriberSelector Selector(string engine = TranscriptionOptions.AutomaticEngine) =>
        new([Embedded, PocketSphinx], Microsoft.Extensions.Options.Options.Create(new TranscriptionOptions { Engine = engine }));

    public static TranscriberSelector Selector(params ITranscriber[] transcribers) =>
        new(transcribers, Microsoft.Extensions.Options.Options.Create(new TranscriptionOptions()));

    public static MediaTools Tools(MediaOptions options) => new(Microsoft.Extensions.Options.Options.Create(Options), Playlists(options));

    public static HlsReader Playlists(MediaOptions options) =>
        new(
            new GuardedClient(new SourceAddressGuard(Microsoft.Extensions.Options.Options.Create(options)), options.MaxRedirects),
            TimeProvider.System
        );

    public static OpenAiTranscriber OpenAi(OpenAiOptions options, MediaTools? tools = null)
    {
        var wrapped = Microsoft.Extensions.Options.Options.Create(options);
        return new OpenAiTranscriber(tools ?? Media, new OpenAiClient(wrapped, TimeProvider.System), wrapped);
    }

    /// <summary>Skips the test where a program is missing.</summary>
    public static void Require(params string[] programs)
    {
        foreach (var program in programs)
        {
            if (Requirement.FindProgram(program) is null)
                throw Requirement.Missing(
                    $"{program} is not installed; on Debian: apt-get install ffmpeg pocketsphinx pocketsphinx-en-us."
                );
        }
    }

    /// <summary>Runs ffmpeg to make a file.</summary>
    public static async Task MakeAsync(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("ffmpeg", ["-nostdin", "-v", "error", "-y", .. arguments]) { RedirectStandardError = true }
        )!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }

    public static async Task<List<TranscriptionUpdate>> RunAsync(
        ITranscriber transcriber,
        TranscriptionRequest request,
        CancellationToken cancellationToken = default
    )
    {
        var updates = new List<TranscriptionUpdate>();
        await foreach (var update in transcriber.TranscribeAsync(request, cancellationToken))
            updates.Add(update);
        return updates;
    }

    public static List<TranscribedCue> Cues(IEnumerable<TranscriptionUpdate> updates) =>
        [.. updates.Select(u => u.Cue).OfType<TranscribedCue>()];
}
