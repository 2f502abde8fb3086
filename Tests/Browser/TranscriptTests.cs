using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The transcript as people read it: it follows, and stays out of the reader's way.</summary>
[Collection(BrowserCollection.Name)]
public sealed class TranscriptTests(BrowserApp app, Chromium chromium)
{
    private const string Top = "document.getElementById('transcript').scrollTop";

    [Fact]
    public async Task Following_stops_when_the_reader_goes_elsewhere_and_comes_back_on_demand()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(500));
        await using var window = await OpenWithVideoAsync(job);
        await window.EvaluateAsync("() => { video.pause(); video.currentTime = 21; }");
        await window.UntilAsync("document.querySelector('.current .line span')?.textContent.startsWith('Line 10 ')");
        await Assertions.Expect(window.Page.Locator(".current")).ToBeInViewportAsync();
        Assert.Equal("true", await window.Page.Locator(".current").GetAttributeAsync("aria-current"));

        await window.Page.Locator("#transcript").HoverAsync();
        await window.Page.Mouse.WheelAsync(0, 4000);
        await Assertions.Expect(window.Page.Locator("#follow")).ToHaveAttributeAsync("aria-pressed", "false");
        await window.UntilAsync($"{Top} > 2000");
        await window.EvaluateAsync("() => { video.currentTime = 31; }");
        await window.UntilAsync("document.querySelector('.current .line span')?.textContent.startsWith('Line 15 ')");
        Assert.True(await window.EvaluateAsync<double>(Top) > 2000, "The list moved under the reader.");

        await window.PressAsync("Jump to now");
        await Assertions.Expect(window.Page.Locator(".current")).ToBeInViewportAsync();
        await Assertions.Expect(window.Page.Locator("#follow")).ToHaveAttributeAsync("aria-pressed", "true");
        await Assertions.Expect(window.Page.Locator("#jump")).ToBeHiddenAsync();

        await window.Page.Locator("#follow").ClickAsync();
        await window.EvaluateAsync("() => { video.currentTime = 5; }");
        await window.UntilAsync("document.querySelector('.current .line span')?.textContent.startsWith('Line 2 ')");
        await Assertions.Expect(window.Page.Locator("#jump")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task On_a_phone_the_page_is_short_and_the_video_stays_in_sight()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(500));
        await using var window = await OpenWithVideoAsync(job, Look.All.First(look => look.Width == 390));
        Assert.True(await window.EvaluateAsync<int>("document.documentElement.scrollHeight") < 2 * 844);
        var order = await window.EvaluateAsync<bool>(
            "(find => find('.downloads').compareDocumentPosition(find('#transcript')) & 4 && "
                + "find('#cancel').compareDocumentPosition(find('#transcript')) & 4)(name => document.querySelector(name)) > 0"
        );
        Assert.True(order, "Commands and downloads stand behind the lines.");
        await window.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight)");
        await Assertions.Expect(window.Page.Locator("#video")).ToBeInViewportAsync(new() { Ratio = .9f });
        await window.EvaluateAsync("() => { video.currentTime = 37; }");
        await window.UntilAsync("document.querySelector('.current .line span')?.textContent.startsWith('Line 18 ')");
        await Assertions.Expect(window.Page.Locator(".current")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task The_list_is_one_tab_stop_in_which_the_arrow_keys_move()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(300));
        await using var window = await OpenWithVideoAsync(job);
        Assert.Equal(1, await window.EvaluateAsync<int>("document.querySelectorAll('#transcript button.line[tabindex=\"0\"]').length"));
        await window.Page.Locator("#transcript button.line[tabindex='0']").FocusAsync();
        foreach (
            var (key, line) in new[]
            {
                ("ArrowDown", 1),
                ("ArrowDown", 2),
                ("ArrowUp", 1),
                ("PageDown", 11),
                ("End", 299),
                ("Home", 0),
                ("ArrowDown", 1),
            }
        )
        {
            await window.Page.Keyboard.PressAsync(key);
            Assert.StartsWith(
                $"Line {line} ",
                await window.EvaluateAsync<string>("document.activeElement.querySelector('span').textContent"),
                StringComparison.Ordinal
            );
        }
        await window.Page.Keyboard.PressAsync("Enter");
        await window.UntilAsync("video.currentTime === 2");
        await window.Page.Keyboard.PressAsync("Tab");
        await window.Page.Keyboard.PressAsync("Tab");
        await window.Page.Keyboard.PressAsync("Tab");
        Assert.False(await window.EvaluateAsync<bool>("document.activeElement.classList.contains('line')"));
    }

    [Fact]
    public async Task Lines_without_media_are_text_and_the_keyboard_scrolls_them()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(60));
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("count", "60 lines");
        Assert.Equal(0, await window.EvaluateAsync<int>("document.querySelectorAll('#transcript .line:is(button, [tabindex])').length"));
        await window.Page.Locator("#transcript").FocusAsync();
        await window.Page.Keyboard.PressAsync("End");
        await window.UntilAsync($"{Top} > 500");
        await window.AssertAccessibleAsync();
    }

    [Fact]
    public async Task Times_past_an_hour_other_directions_and_endless_words_have_room()
    {
        // As long as a line may be, and wider than the screen.
        var endless = new string('W', 41);
        var job = await UploadedJobs.UploadAsync(
            app.Web,
            $"WEBVTT\n\n00:01.000 --> 00:02.000\nשלום לכולם\n\n01:02:03.000 --> 01:02:04.000\n{endless}\n",
            name: new string('t', 200) + ".webm"
        );
        await using var window = await chromium.OpenAsync(app.Web, Look.All.First(look => look.Width == 320));
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("count", "2 lines");
        Assert.Equal(["0:01", "1:02:03"], await window.Page.Locator("#transcript time").AllTextContentsAsync());
        Assert.DoesNotContain(' ', await window.Page.Locator("#transcript .line span").Nth(1).TextContentAsync() ?? "");
        Assert.Equal("rtl", await window.EvaluateAsync<string>("getComputedStyle(document.querySelector('.line span')).direction"));
        Assert.Equal("ltr", await window.EvaluateAsync<string>("getComputedStyle(document.querySelectorAll('.line span')[1]).direction"));
        Assert.Equal(320, await window.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.True(
            await window.EvaluateAsync<bool>("(list => list.scrollWidth <= list.clientWidth)(document.getElementById('transcript'))")
        );
        await window.Page.GotoAsync("/jobs");
        Assert.Equal(320, await window.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.True(
            await window.EvaluateAsync<bool>(
                "(name => name.scrollWidth > name.clientWidth && name.title.length > 100)(document.querySelector('.job-table .name'))"
            )
        );
    }

    [Fact]
    public async Task A_word_is_found_and_its_places_are_gone_through()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(400));
        await using var window = await OpenWithVideoAsync(job);
        await window.Page.Locator("#find").FillAsync("LINE 39");
        await window.WaitForTextAsync("hits", "1 of 11");
        await Assertions.Expect(window.Page.Locator("#transcript .line", new() { HasText = "Line 39 of" })).ToBeInViewportAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.WaitForTextAsync("hits", "2 of 11");
        await Assertions.Expect(window.Page.Locator("#transcript .line", new() { HasText = "Line 390 of" })).ToBeInViewportAsync();
        await window.Page.Keyboard.PressAsync("Shift+Enter");
        await window.WaitForTextAsync("hits", "1 of 11");
        await window.Page.Locator("#find").FillAsync("no such thing");
        await window.WaitForTextAsync("hits", "no hit");
    }

    [Fact]
    public async Task A_place_can_be_linked_to_and_is_kept_when_the_page_is_loaded_again()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(400));
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{job}?t=10m20s");
        await Assertions.Expect(window.Page.Locator(".current")).ToContainTextAsync("Line 310 ");
        await Assertions.Expect(window.Page.Locator(".current")).ToBeInViewportAsync();

        await window.EvaluateAsync("sessionStorage.clear()");
        await window.Page.GotoAsync($"/jobs/{job}?t=0");
        await window.WaitForTextAsync("count", "400 lines");
        await window.UntilAsync($"{Top} === 0");
        await window.Page.Locator("#transcript").HoverAsync();
        await window.Page.Mouse.WheelAsync(0, 5000);
        await window.UntilAsync($"{Top} >= 5000");
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("count", "400 lines");
        await window.UntilAsync($"{Top} > 4000");
        var seen = await window.EvaluateAsync<string>(
            "(box => document.elementFromPoint(box.left + 90, (box.top + box.bottom) / "
                + "2).closest('.line').textContent)(document.getElementById('transcript').getBoundingClientRect())"
        );
        await window.Page.ReloadAsync();
        await Assertions.Expect(window.Page.Locator("#transcript .line", new() { HasText = seen })).ToBeInViewportAsync();
    }

    [Fact]
    public async Task Lines_are_copied_and_saved_under_the_title()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(3), name: "My talk: part 1.webm");
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.Context.GrantPermissionsAsync(
            ["clipboard-read", "clipboard-write"],
            new() { Origin = app.Web.GetLeftPart(UriPartial.Authority) }
        );
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("count", "3 lines");
        await window.PressAsync("Copy all");
        await window.WaitForTextAsync("copy-all", "Copied");
        var all = await window.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.Equal(3, all.TrimEnd().Split('\n').Length);

        await window.Page.Locator("#transcript .line").Nth(1).HoverAsync();
        await window.PressAsync("Link the line at 0:02");
        await window.UntilAsync("navigator.clipboard.readText().then(text => text.endsWith('?t=2'))");
        await window.PressAsync("Copy the line at 0:02");
        await window.UntilAsync("navigator.clipboard.readText().then(text => text === 'Line 1 of a long transcript, as people read it.')");

        foreach (var format in new[] { "TXT", "VTT" })
        {
            var download = await window.Page.RunAndWaitForDownloadAsync(() =>
                window.Page.GetByRole(AriaRole.Link, new() { Name = format }).ClickAsync()
            );
            Assert.Equal("My-talk-part-1." + format.ToLowerInvariant(), download.SuggestedFilename);
            Assert.Contains("Line 2 of", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        }
    }

    /// <summary>Opens a job's page with the video in the browser's own store, as it is for who uploaded it.</summary>
    private async Task<Window> OpenWithVideoAsync(string job, Look? look = null)
    {
        var window = await chromium.OpenAsync(app.Web, look);
        await window.Page.GotoAsync("/");
        await window.EvaluateAsync<bool>(
            "async job => (await import('/local-media.js')).keepMedia(job, await (await fetch('/samples/tour.webm')).blob())",
            job
        );
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.UntilAsync("document.querySelector('#count').textContent !== '' && video.readyState > 0");
        return window;
    }
}
