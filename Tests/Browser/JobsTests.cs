using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The list of jobs, which changes by itself while somebody looks at it.</summary>
[Collection(BrowserCollection.Name)]
public sealed class JobsTests(BrowserApp app, Chromium chromium)
{
    [Fact]
    public async Task A_job_appears_and_runs_is_canceled_and_retried_before_the_viewer_s_eyes()
    {
        await using var window = await OpenAsync();
        var job = await app.SubmitAsync(new { source = "sample:tour", pace = "realtime" });
        var row = window.Page.Locator($"tr[data-job='{job}']");

        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("running");
        await Assertions.Expect(row).ToContainTextAsync("embedded");
        await Assertions.Expect(row).ToContainTextAsync("transcribe");

        await row.Locator("button").ClickAsync();
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("canceled");

        await row.Locator("button").ClickAsync();
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("running");
        await row.Locator("button").ClickAsync();
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("canceled");
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task A_job_that_failed_says_why()
    {
        await using var window = await OpenAsync();
        var job = await app.SubmitAsync(new { source = "sample:tour-speech", language = "tlh" });
        var row = window.Page.Locator($"tr[data-job='{job}']");
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("failed");
        await Assertions.Expect(row.Locator(".reason")).ToContainTextAsync("No engine can make these subtitles here.");

        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(window.Page.Locator("#problem")).ToContainTextAsync("No engine can make these subtitles here.");
    }

    [Fact]
    public async Task The_list_is_there_without_scripts()
    {
        var job = await app.SubmitAsync(new { source = "sample:tour", pace = "fast" });
        using var browser = new HttpClient { BaseAddress = app.Web };
        Assert.Contains($"/jobs/{job}", await browser.GetStringAsync("/jobs"), StringComparison.Ordinal);
    }

    private async Task<Window> OpenAsync()
    {
        var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/jobs");
        await window.UntilAsync("document.querySelector('.job-list[data-live=true]') !== null");
        return window;
    }
}
