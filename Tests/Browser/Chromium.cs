using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The machine's own Chromium, driven by Playwright; nothing is downloaded. One process for the tests of a collection, each of
/// which has its own contexts.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A test is nobody who could press play.
        "--autoplay-policy=no-user-gesture-required",
    ];

    private readonly TemporaryFolder _folder = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        // Not here where it is missing, but in the test: only that can be skipped.
        if (Requirement.FindProgram("chromium", "chromium-browser", "google-chrome") is not { } program)
            return;
        _playwright = await Playwright.CreateAsync().WaitAsync(Eventually.DefaultLimit);
        _browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = program, Args = [.. Arguments, .. await MicrophoneAsync()] }
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultLimit);
        _playwright?.Dispose();
        _folder.Dispose();
    }

    /// <summary>A microphone before which the sample is read out.</summary>
    private async Task<string[]> MicrophoneAsync()
    {
        if (Requirement.FindProgram("ffmpeg") is null)
            return [];
        await SpeechTools.MakeAsync(
            "-i",
            Path.Combine(AppContext.BaseDirectory, "Samples", "tour.webm"),
            "-map",
            "0:a:0",
            "-ac",
            "1",
            "-ar",
            "48000",
            _folder["speech.wav"]
        );
        return
        [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            $"--use-file-for-fake-audio-capture={_folder["speech.wav"]}%noloop",
        ];
    }

    /// <summary>Opens a window of its own; skips the test where there is no Chromium.</summary>
    internal Task<Window> OpenAsync(Uri origin, Look? look = null) => OpenAsync(origin, look ?? Look.All[0], hasScripts: true);

    /// <summary>Opens a window of somebody whose browser runs no scripts.</summary>
    internal Task<Window> OpenWithoutScriptsAsync(Uri origin) => OpenAsync(origin, Look.All[0], hasScripts: false);

    private async Task<Window> OpenAsync(Uri origin, Look look, bool hasScripts)
    {
        if (_browser is null)
            throw Requirement.Missing("Chromium is not on the PATH; on Debian: apt-get install chromium.");
        var context = await _browser
            .NewContextAsync(
                new()
                {
                    BaseURL = origin.ToString(),
                    ViewportSize = new() { Width = look.Width, Height = look.Height },
                    ColorScheme = look.Scheme,
                    JavaScriptEnabled = hasScripts,
                }
            )
            .WaitAsync(Eventually.DefaultLimit);
        return new Window(context, await context.NewPageAsync().WaitAsync(Eventually.DefaultLimit), look);
    }
}
