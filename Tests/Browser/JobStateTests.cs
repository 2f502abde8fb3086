using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>Every state of a job says what happened and what to do next, to eyes, ears and fingers.</summary>
[Collection(BrowserCollection.Name)]
public sealed class JobStateTests(BrowserApp app, Chromium chromium)
{
    [Fact]
    public async Task A_failure_says_why_and_offers_another_try_and_nothing_says_that_all_is_well()
    {
        var job = await app.SubmitAsync(new { source = "sample:tour-speech", language = "tlh" });
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("status", "failed");
        await Assertions.Expect(window.Page.Locator(".notice:visible")).ToContainTextAsync("No engine can make these subtitles here.");
        // What names settings is for whoever runs the service.
        await Assertions.Expect(window.Page.Locator("details p")).ToBeHiddenAsync();
        await window.Page.Locator("summary").ClickAsync();
        await Assertions.Expect(window.Page.Locator("details p")).ToContainTextAsync("pocketsphinx");
        await Assertions.Expect(window.Page.Locator("details p")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.Locator("#state-announcer")).Not.ToContainTextAsync("Details");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.Locator(".transcript")).ToBeHiddenAsync();
        await Assertions.Expect(window.Page.Locator(".empty")).ToBeHiddenAsync();
        await Assertions.Expect(window.Page.GetByText("complete", new() { Exact = true })).ToHaveCountAsync(0);
        Assert.NotEqual(
            await ColourOfAsync(window, "--teal"),
            await window.EvaluateAsync<string>("getComputedStyle(document.getElementById('connection'), '::before').backgroundColor")
        );
        await window.AssertAccessibleAsync();
    }

    [Fact]
    public async Task What_is_completed_without_speech_says_so()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, "WEBVTT\n");
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("status", "completed");
        await Assertions.Expect(window.Page.Locator(".notice:visible")).ToContainTextAsync("no speech was found");
        await Assertions.Expect(window.Page.Locator(".empty")).ToBeHiddenAsync();
        await Assertions.Expect(window.Page.Locator(".screen")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Noise_behind_the_header_of_a_film_is_a_failure()
    {
        SpeechTools.Require("ffmpeg", "pocketsphinx_batch");
        var film = (await File.ReadAllBytesAsync(UploadedJobs.Video)).AsSpan(0, 200_000).ToArray();
        new Random(5).NextBytes(film.AsSpan(2000));
        var job = await UploadedJobs.UploadAsync(app.Web, subtitles: null, media: film);
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("status", "failed");
        await Assertions.Expect(window.Page.Locator(".notice:visible")).ToContainTextAsync("nothing in it can be decoded");
    }

    [Fact]
    public async Task A_file_that_cannot_be_played_has_no_player()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(3));
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        await window.EvaluateAsync<bool>(
            "async job => (await import('/local-media.js')).keepMedia(job, new Blob(['noise'], { type: 'video/webm' }))",
            job
        );
        await window.Page.GotoAsync($"/jobs/{job}");
        await Assertions.Expect(window.Page.Locator("#stage-text")).ToContainTextAsync("cannot play the file");
        await Assertions.Expect(window.Page.Locator("#video")).ToBeHiddenAsync();
        await window.UntilAsync("document.querySelectorAll('#transcript div.line').length === 3");
    }

    [Fact]
    public async Task A_job_waits_visibly_for_a_worker_and_is_canceled_from_the_keyboard_without_losing_the_place()
    {
        // More than all workers take at a time.
        var jobs = new List<string>();
        for (var i = 0; i < 8; i++)
            jobs.Add(await app.SubmitAsync(new { source = "sample:tour", pace = "realtime" }));
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{jobs[^1]}");
        await window.WaitForTextAsync("status", "queued");
        await Assertions.Expect(window.Page.Locator(".notice:visible")).ToContainTextAsync("Waiting for a worker");
        await Assertions.Expect(window.Page.Locator(".empty")).ToBeVisibleAsync();

        await window.Page.Locator("#cancel").FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.WaitForTextAsync("status", "canceled");
        await Assertions.Expect(window.Page.Locator(".notice:visible")).ToContainTextAsync("was canceled");
        await Assertions.Expect(window.Page.Locator(".empty")).ToBeHiddenAsync();
        await Assertions.Expect(window.Page.Locator("#retry")).ToBeFocusedAsync();
        await Assertions.Expect(window.Page.Locator("#state-announcer")).ToContainTextAsync("canceled");

        await window.Page.Keyboard.PressAsync("Enter");
        await window.WaitForTextAsync("status", "queued");
        await Assertions.Expect(window.Page.Locator("#cancel")).ToBeFocusedAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.WaitForTextAsync("status", "canceled");

        using var browser = new HttpClient { BaseAddress = app.Web };
        foreach (var job in jobs)
        {
            using var canceled = await browser.PostAsync($"/api/jobs/{job}/cancel", null);
        }
    }

    [Fact]
    public async Task Who_listens_hears_what_is_new_and_not_what_was_there()
    {
        // Long enough to be opened in its middle, however slow the machine is.
        var job = await UploadedJobs.StartAsync(app.Web, UploadedJobs.LinesOf(400), pace: "realtime");
        await using var first = await chromium.OpenAsync(app.Web);
        await first.Page.GotoAsync($"/jobs/{job}");
        await Assertions.Expect(first.Page.Locator("#transcript [role=listitem]").Nth(3)).ToBeVisibleAsync();

        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.AddInitScriptAsync(
            """
            globalThis.heard = [];
            new MutationObserver(changes => {
              for (const { target } of changes) {
                const region = (target.nodeType === 3 ? target.parentNode : target)?.closest?.('#announcer, #state-announcer');
                if (region)
                  heard.push(region.textContent);
              }
            }).observe(document, { subtree: true, childList: true, characterData: true });
            """
        );
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.UntilAsync("heard.filter(text => text.includes('Line ')).length >= 2");
        await Assertions
            .Expect(first.Page.Locator("#progress-text"))
            .ToContainTextAsync(new Regex("transcribing [0-9]+ %, about [0-9]+ (s|min) left"));
        using var browser = new HttpClient { BaseAddress = app.Web };
        using var canceled = await browser.PostAsync($"/api/jobs/{job}/cancel", null);
        await window.UntilAsync("heard.some(text => text.includes('was canceled'))");
        foreach (var old in new[] { "Line 0 ", "Line 1 ", "Line 2 " })
            Assert.DoesNotContain(old, await window.EvaluateAsync<string>("heard.join('|')"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_listens_hears_that_the_connection_broke_and_is_back()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        var job = await app.SubmitAsync(new { source = "sample:tour", pace = "realtime" });
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("connection", "live");
        await using var gone = await app.KillApiAsync();
        await Assertions.Expect(window.Page.Locator("#state-announcer")).ToHaveTextAsync("The connection broke and is made again.");
        await gone.ReviveAsync();
        await Assertions.Expect(window.Page.Locator("#state-announcer")).Not.ToHaveTextAsync("The connection broke and is made again.");
        await window.WaitForTextAsync("status", "completed");
    }

    private static Task<string> ColourOfAsync(Window window, string token) =>
        window.EvaluateAsync<string>(
            """
            token => {
              const probe = document.createElement('i');
              probe.style.color = `var(${token})`;
              document.body.append(probe);
              const colour = getComputedStyle(probe).color;
              probe.remove();
              return colour;
            }
            """,
            token
        );
}
