using Microsoft.Playwright;

namespace Tests.Browser;

/// <summary>How cues come to the video, the transcript and screen readers, and what works from the keyboard.</summary>
[Collection(BrowserCollection.Name)]
public sealed class CaptionsTests(BrowserApp app, Chromium chromium)
{
    [Fact]
    public async Task A_partial_cue_changes_where_it_stands_and_only_its_final_text_is_read_out()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        var seen = await window.EvaluateAsync<string>(
            """
            async () => {
              const { Captions } = await import('/captions.js');
              const video = document.createElement('video');
              const list = document.createElement('div');
              const announcer = document.createElement('div');
              document.body.append(video, list, announcer);
              const read = [];
              new MutationObserver(() => read.push(announcer.textContent)).observe(announcer, { childList: true });
              const captions = new Captions({ video, list, announcer });
              const put = (cueId, rev, state, startMs, text) => captions.put({ cueId, rev, state, startMs, endMs: startMs + 1000, text });
              put('b', 1, 'final', 5000, 'later');
              put('a', 1, 'partial', 1000, 'hel');
              put('a', 2, 'partial', 1000, 'hello wo');
              const partial = list.querySelector('[role=listitem]').classList.contains('partial');
              put('a', 3, 'final', 1000, 'hello <world> & all');
              put('a', 2, 'partial', 1000, 'hello wo');
              while (!announcer.textContent.includes('world'))
                await new Promise(done => setTimeout(done, 10));
              const cues = [...video.textTracks[0].cues].map(cue => cue.text);
              const rows = [...list.querySelectorAll('.line span')].map(line => line.textContent);
              const still = list.querySelector('[role=listitem]').classList.contains('partial');
              return JSON.stringify({ partial, read, cues, rows, still });
            }
            """
        );
        Assert.Equal(
            """{"partial":true,"read":["later","hello <world> & all"],"cues":["hello &lt;world&gt; &amp; all","later"],"""
                + "\"rows\":[\"hello <world> & all\",\"later\"],\"still\":false}",
            seen
        );
    }

    [Fact]
    public async Task A_job_is_started_and_its_video_moved_from_the_keyboard()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        await window.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await window.EvaluateAsync<string>("document.activeElement.textContent"));
        var form = window.Page.Locator("form").Filter(new() { Has = window.Page.Locator("input[value='sample:tour']") });
        await form.Locator("input[type=checkbox]").FocusAsync();
        await window.Page.Keyboard.PressAsync("Space");
        await window.Page.Keyboard.PressAsync("Tab");
        await window.UntilAsync("document.activeElement.localName === 'button'");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.WaitForURLAsync("**/jobs/*");
        await window.WaitForTextAsync("status", "completed");

        await window.Page.Locator("#transcript button.line").Nth(3).FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.UntilAsync("video.currentTime >= 11");
        await Assertions.Expect(window.Page.Locator("#transcript [role=listitem]").Nth(3)).ToHaveClassAsync("current");
    }

    [Fact]
    public async Task Two_tabs_of_a_job_have_one_connection_together()
    {
        const string Counting = """
            globalThis.opened = [];
            globalThis.EventSource = class extends EventSource { constructor(...rest) { super(...rest); opened.push(this); } };
            """;
        await using var window = await chromium.OpenAsync(app.Web);
        // Longer than both tabs take to open.
        var job = await UploadedJobs.StartAsync(app.Web, UploadedJobs.LinesOf(400), pace: "realtime");
        await window.Page.AddInitScriptAsync(Counting);
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("connection", "live");
        var other = await window.OpenTabAsync();
        await other.Page.AddInitScriptAsync(Counting);
        await other.Page.GotoAsync($"/jobs/{job}");
        await other.WaitForTextAsync("connection", "live");

        // One for the state that it began with, perhaps one to catch up; then it lives by the first tab's.
        await other.UntilAsync("opened.length > 0 && opened.every(source => source.readyState === EventSource.CLOSED)");
        Assert.Equal(1, await window.EvaluateAsync<int>("opened.filter(source => source.readyState === EventSource.OPEN).length"));
        foreach (var tab in new[] { window, other })
            await Assertions.Expect(tab.Page.Locator("#transcript [role=listitem]").Nth(2)).ToBeVisibleAsync();
        Assert.Equal(await window.ReadAsync("replica"), await other.ReadAsync("replica"));
        Assert.Equal("0", await other.ReadAsync("duplicated"));
        Assert.Equal("0", await other.ReadAsync("missing"));
        await window.PressAsync("Cancel the job");
        await other.WaitForTextAsync("status", "canceled");
    }

    [Fact]
    public async Task A_video_and_its_subtitles_are_dropped_together()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        await window.UntilAsync("!document.querySelector('.drop [type=submit]').hasAttribute('disabled')");
        await window.EvaluateAsync(
            """
            () => {
              const dataTransfer = new DataTransfer();
              dataTransfer.items.add(new File(['WEBVTT\n\n00:01.000 --> 00:02.000\nHi'], 'holiday.vtt'));
              dataTransfer.items.add(new File(['x'], 'holiday.webm', { type: 'video/webm' }));
              document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
            }
            """
        );
        await Assertions.Expect(window.Page.Locator(".file-name")).ToHaveTextAsync("holiday.webm");
        Assert.Equal("holiday.vtt", await window.EvaluateAsync<string>("document.querySelector('.drop').elements.subtitles.files[0].name"));
    }
}
