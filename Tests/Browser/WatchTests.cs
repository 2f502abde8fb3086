using System.Text.Json;
using Microsoft.Playwright;
using Subtitles.Formats;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>What a viewer sees of a job, from the front page to the last subtitle.</summary>
[Collection(BrowserCollection.Name)]
public sealed class WatchTests(BrowserApp app, Chromium chromium)
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "Samples");

    private static List<string> Expected => [.. WebVtt.Parse(File.ReadAllText(Path.Combine(Samples, "tour.vtt"))).Select(cue => cue.Text)];

    [Fact]
    public async Task A_sample_is_started_and_its_subtitles_arrive_on_the_video()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await StartSampleAsync(window, "sample:tour", realtime: false);

        await window.WaitForTextAsync("status", "completed");
        await OverAsync(window);
        Assert.Equal(Expected, await CaptionsAsync(window));
        Assert.Equal(Expected.Select(OneLine), await window.Page.Locator("#transcript .line span").AllTextContentsAsync());
        Assert.Equal("engine: embedded", await window.ReadAsync("engine"));
        Assert.Matches("^[a-z0-9]{8}$", await window.ReadAsync("replica"));
        await AssertCleanAsync(window);

        foreach (var format in new[] { "VTT", "SRT", "JSON" })
        {
            var download = await window.Page.RunAndWaitForDownloadAsync(() =>
                window.Page.GetByRole(AriaRole.Link, new() { Name = format }).ClickAsync()
            );
            var text = await File.ReadAllTextAsync(await download.PathAsync());
            Assert.Contains(Expected[0], text, StringComparison.Ordinal);
        }
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task A_job_can_be_opened_by_its_address_in_the_middle_and_afterwards()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await StartSampleAsync(window, "sample:tour", realtime: true);
        await Assertions.Expect(window.Page.Locator("#transcript [role=listitem]").Nth(1)).ToBeVisibleAsync();
        Assert.Equal("running", await window.ReadAsync("status"));

        await window.Page.ReloadAsync();
        await Assertions.Expect(window.Page.Locator("#transcript [role=listitem]").Nth(2)).ToBeVisibleAsync();
        Assert.Equal("running", await window.ReadAsync("status"));
        await window.WaitForTextAsync("connection", "ended");
        Assert.Equal(Expected, await CaptionsAsync(window));
        await AssertCleanAsync(window);

        // What is finished is loaded, not replayed.
        await window.Page.ReloadAsync();
        await window.WaitForTextAsync("connection", "not needed");
        Assert.Equal(Expected, await CaptionsAsync(window));
        Assert.Matches("^[a-z0-9]{8}$", await window.ReadAsync("replica"));
        Assert.Empty(window.Complaints);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replicas_are_killed_under_a_viewer_and_nothing_is_lost_or_duplicated(bool all)
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await StartSampleAsync(window, "sample:tour", realtime: true);
        await Assertions.Expect(window.Page.Locator("#transcript [role=listitem]").Nth(1)).ToBeVisibleAsync();
        var first = await window.ReadAsync("replica");

        await using var gone = await app.KillApiAsync(all ? null : first);
        if (all)
        {
            await window.WaitForTextAsync("connection", "reconnecting");
            await gone.ReviveAsync();
        }
        else
        {
            await Assertions.Expect(window.Page.Locator("#replica")).Not.ToHaveTextAsync(first);
        }
        await window.WaitForTextAsync("connection", "ended");

        Assert.Equal(Expected, await CaptionsAsync(window));
        await AssertCleanAsync(window);
    }

    [Fact]
    public async Task A_file_is_uploaded_with_its_subtitles_and_plays_from_the_viewer_s_own_copy()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        await window.Page.Locator("input[name=media]").SetInputFilesAsync(Path.Combine(Samples, "tour.webm"));
        await window.Page.Locator("input[name=subtitles]").SetInputFilesAsync(Path.Combine(Samples, "tour.vtt"));
        await window.PressAsync("Upload and start");
        await window.Page.WaitForURLAsync("**/jobs/*");

        await OverAsync(window);
        Assert.Equal(Expected, await CaptionsAsync(window));
        Assert.StartsWith("blob:", await window.Page.Locator("#video").GetAttributeAsync("src"), StringComparison.Ordinal);

        await window.Page.ReloadAsync();
        await Assertions.Expect(window.Page.Locator("#video")).ToBeVisibleAsync();
        await window.UntilAsync("document.getElementById('video').duration > 30");
        Assert.Empty(window.Complaints);

        // Somebody else has the transcript, and no copy.
        await using var other = await chromium.OpenAsync(app.Web);
        await other.Page.GotoAsync(window.Page.Url);
        await other.WaitForTextAsync("connection", "not needed");
        Assert.Equal(Expected, await CaptionsAsync(other));
        await Assertions.Expect(other.Page.Locator(".screen")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task How_far_an_upload_is_can_be_seen()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        var media = Path.Combine(Samples, "tour.webm");
        await using var line = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await line.SendAsync("Network.enable");
        // A line on which the file takes two seconds.
        await line.SendAsync(
            "Network.emulateNetworkConditions",
            new()
            {
                ["offline"] = false,
                ["latency"] = 0,
                ["downloadThroughput"] = -1,
                ["uploadThroughput"] = new FileInfo(media).Length / 2,
            }
        );
        await window.Page.Locator("input[name=media]").SetInputFilesAsync(media);
        await window.EvaluateAsync(
            """
            () => {
              globalThis.steps = [];
              const bar = document.querySelector('.upload-progress');
              new MutationObserver(() => { if (!bar.hidden) steps.push(Number(bar.value)); }).observe(bar, { attributes: true });
            }
            """
        );
        await window.PressAsync("Upload and start");
        await window.UntilAsync("location.pathname !== '/' || steps.some(step => step > 0 && step < 100)");
        Assert.Equal("/", new Uri(window.Page.Url).AbsolutePath);
        await window.Page.WaitForURLAsync("**/jobs/*");
    }

    [Fact]
    public async Task A_job_is_watched_without_a_circuit()
    {
        var job = await app.SubmitAsync(new { source = "sample:tour", pace = "fast" });
        await using var window = await chromium.OpenAsync(app.Web);
        foreach (var gone in new[] { "**/blazor.web*.js", "**/_blazor**" })
            await window.Page.RouteAsync(gone, route => route.AbortAsync());
        await window.Page.GotoAsync($"/jobs/{job}");
        await OverAsync(window);
        Assert.Equal(Expected, await CaptionsAsync(window));
        await AssertCleanAsync(window);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var notes = folder["notes.mp4"];
        await File.WriteAllTextAsync(notes, "This is no film.");
        await using var window = await chromium.OpenAsync(app.Web);

        await window.Page.GotoAsync("/");
        await window.Page.Locator("input[name=media]").SetInputFilesAsync(notes);
        await window.PressAsync("Upload and start");
        await Assertions.Expect(window.Page.Locator("#problem")).ToContainTextAsync("media");

        await window.Page.GetByLabel("Address of a video or audio file").FillAsync("http://127.0.0.1/film.mp4");
        await window.Page.Locator("form[data-submit=address] button").ClickAsync();
        await Assertions.Expect(window.Page.Locator("#problem")).ToContainTextAsync("127.0.0.1");

        await window.Page.GotoAsync("/jobs/AAAAAAAAAAAAAAAAAAAAAA");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such job" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_job_is_canceled_and_tried_again()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await StartSampleAsync(window, "sample:tour", realtime: true);
        await Assertions.Expect(window.Page.Locator("#transcript [role=listitem]").First).ToBeVisibleAsync();
        await window.PressAsync("Cancel the job");
        await window.WaitForTextAsync("status", "canceled");
        await window.WaitForTextAsync("connection", "ended");

        await window.PressAsync("Try again");
        await window.WaitForTextAsync("status", "completed");
        Assert.Equal(Expected, await CaptionsAsync(window));
        await AssertCleanAsync(window);
    }

    [Fact]
    public async Task Every_page_looks_right_on_every_screen_and_is_accessible()
    {
        // A failed job, whose title is cut: it is in the lists of home and jobs.
        await app.SubmitAsync(new { source = "sample:tour-speech", language = "tlh" });
        await using var window = await chromium.OpenAsync(app.Web);
        await StartSampleAsync(window, "sample:tour", realtime: true);
        await Assertions.Expect(window.Page.Locator("#transcript [role=listitem]").Nth(2)).ToBeVisibleAsync();
        // At a place where the picture shows something and a subtitle is due.
        await window.EvaluateAsync("() => { video.pause(); video.currentTime = 10; }");
        await window.UntilAsync("!video.seeking && video.readyState >= 2");
        await InspectAsync(window, "job");

        await window.Page.GotoAsync("/");
        await InspectAsync(window, "home");

        await window.Page.GotoAsync("/jobs");
        await window.UntilAsync("document.querySelector('.job-list[data-live=true]') !== null");
        await InspectAsync(window, "jobs");

        await window.Page.GotoAsync("/fan-out");
        await window.UntilAsync("Number(document.getElementById('all-received').textContent) > 30");
        await InspectAsync(window, "fan-out");

        await window.Page.GotoAsync("/use");
        await window.WaitForTextAsync("state", "open");
        await InspectAsync(window, "use");

        await window.Page.GotoAsync("/nothing-here");
        await InspectAsync(window, "not-found");

        await window.Page.GotoAsync("/error");
        await InspectAsync(window, "error");
    }

    private static async Task InspectAsync(Window window, string page)
    {
        foreach (var look in Look.All)
        {
            await window.ChangeAsync(look);
            await window.SaveScreenAsync(page);
            // A narrow screen has all that a phone has, and the colours of a wide one.
            if (look is { Width: > 390 } or { Width: < 390, Scheme: ColorScheme.Light })
                await window.AssertAccessibleAsync();
            // No page is wider than its screen.
            Assert.Equal(look.Width, await window.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        }
    }

    /// <summary>Waits until nothing more comes: the stream has ended, or the job had and there was none.</summary>
    private static Task OverAsync(Window window) =>
        window.UntilAsync("['ended', 'loaded'].includes(document.getElementById('connection').dataset.state)");

    private static async Task StartSampleAsync(Window window, string source, bool realtime)
    {
        await window.Page.GotoAsync("/");
        var form = window.Page.Locator("form").Filter(new() { Has = window.Page.Locator($"input[value='{source}']") });
        await form.Locator("input[type=checkbox]").SetCheckedAsync(realtime);
        await form.Locator("button").ClickAsync();
        await window.Page.WaitForURLAsync("**/jobs/*");
    }

    private static async Task<List<string>> CaptionsAsync(Window window)
    {
        var cues = await window.EvaluateAsync<JsonElement>("[...video.textTracks[0].cues].map(cue => cue.text)");
        return [.. cues.EnumerateArray().Select(cue => cue.GetString()!)];
    }

    private static async Task AssertCleanAsync(Window window)
    {
        foreach (var counter in new[] { "missing", "duplicated", "out-of-order" })
            Assert.Equal("0", await window.ReadAsync(counter));
    }

    private static string OneLine(string text) => text.Replace('\n', ' ');
}
