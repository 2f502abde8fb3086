using System.Text.RegularExpressions;
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
        await Assertions.Expect(row).ToContainTextAsync("transcribing");

        await row.Locator("button").First.ClickAsync();
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("canceled");

        await row.Locator("button").First.ClickAsync();
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("running");
        await row.Locator("button").First.ClickAsync();
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
        await Assertions.Expect(window.Page.Locator(".notice:visible")).ToContainTextAsync("No engine can make these subtitles here.");
    }

    [Fact]
    public async Task Who_cancels_by_the_keyboard_stays_at_that_place_and_tries_again_from_it()
    {
        await using var window = await OpenAsync();
        var job = await app.SubmitAsync(new { source = "sample:tour", pace = "realtime" });
        var row = window.Page.Locator($"tr[data-job='{job}']");
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync("running");
        await row.Locator("button").First.FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(row.Locator("button").First).ToHaveTextAsync("Retry");
        Assert.Equal("Retry", await window.EvaluateAsync<string>("document.activeElement.textContent"));
        await Assertions.Expect(window.Page.Locator(".job-list > [role=status]")).ToContainTextAsync("is being canceled");
    }

    [Fact]
    public async Task More_jobs_than_a_page_has_are_reached_and_can_be_filtered()
    {
        var first = await app.SubmitAsync(new { source = "sample:tour-speech", language = "tlh" });
        for (var i = 0; i < 50; i++)
            await app.SubmitAsync(new { source = "sample:tour", pace = "fast" });
        await using var window = await OpenAsync();
        await Assertions.Expect(window.Page.Locator("tbody tr")).ToHaveCountAsync(50);
        await Assertions.Expect(window.Page.Locator($"tr[data-job='{first}']")).ToHaveCountAsync(0);
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator($"tr[data-job='{first}']")).ToHaveCountAsync(1);
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "failed", Exact = true }).ClickAsync();
        await Assertions.Expect(window.Page.Locator($"tr[data-job='{first}'] .took")).ToHaveTextAsync(new Regex("^[0-9]+ s$"));
        await Assertions.Expect(window.Page.Locator(".status:not(.failed)")).ToHaveCountAsync(0);
        await Assertions.Expect(window.Page.Locator(".filter [aria-current]")).ToHaveTextAsync("failed");
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
