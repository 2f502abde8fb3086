using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>Somebody speaks, and somebody else reads along.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SpeakTests(BrowserApp app, Chromium chromium)
{
    private static readonly string[] SpokenWords =
    [
        "story",
        "live",
        "program",
        "video",
        "words",
        "writes",
        "line",
        "text",
        "small",
        "event",
    ];

    [Fact]
    public async Task What_is_said_into_the_microphone_is_read_by_every_viewer_while_it_is_said()
    {
        SpeechTools.Require("ffmpeg", "pocketsphinx_batch");
        await using var speaker = await chromium.OpenAsync(app.Web);
        await speaker.Page.GotoAsync("/");
        await speaker.Page.GetByLabel("A title, for your readers").FillAsync("A talk");
        await speaker.PressAsync("Speak");
        await speaker.Page.WaitForURLAsync("**/jobs/*");
        await Assertions.Expect(speaker.Page.Locator("#recording")).ToHaveAttributeAsync("data-state", "recording");

        await using var viewer = await chromium.OpenAsync(app.Web);
        await viewer.Page.GotoAsync(speaker.Page.Url);
        Assert.True(await viewer.Page.Locator("#recording").IsHiddenAsync());
        await viewer.WaitForTextAsync("title", "A talk");
        await Assertions.Expect(viewer.Page.Locator("#transcript [role=listitem]").Nth(2)).ToBeVisibleAsync(new() { Timeout = 60_000 });
        // Three lines are there, and the microphone is still open.
        Assert.Equal("recording", await speaker.Page.Locator("#recording").GetAttributeAsync("data-state"));
        await speaker.SaveScreenAsync("speak");
        Assert.Equal(0, await speaker.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));

        await speaker.PressAsync("Stop speaking");
        await Assertions.Expect(speaker.Page.Locator("#recording")).ToHaveAttributeAsync("data-state", "ended");
        await speaker.WaitForTextAsync("status", "completed");
        await viewer.WaitForTextAsync("status", "completed");
        var heard = string.Join(' ', await viewer.Page.Locator("#transcript .line span").AllTextContentsAsync());
        Assert.True(SpokenWords.Count(heard.Contains) >= 5, heard);
        Assert.Equal(heard, string.Join(' ', await speaker.Page.Locator("#transcript .line span").AllTextContentsAsync()));
        Assert.Equal("engine: pocketsphinx", await viewer.ReadAsync("engine"));

        // Who loads the page again is a viewer like others.
        await speaker.Page.ReloadAsync();
        await speaker.WaitForTextAsync("connection", "not needed");
        Assert.True(await speaker.Page.Locator("#recording").IsHiddenAsync());
        Assert.Empty(speaker.Complaints);
        Assert.Empty(viewer.Complaints);
    }
}
