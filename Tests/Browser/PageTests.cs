using System.Net;
using Microsoft.Playwright;

namespace Tests.Browser;

/// <summary>What holds for every page: small, compressed, true without scripts, and one knows where one is.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PageTests(BrowserApp app, Chromium chromium)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/jobs")]
    [InlineData("/use")]
    [InlineData("/event-stream.js")]
    [InlineData("/app.css")]
    [InlineData("/api/jobs")]
    [InlineData("/api/openapi/v1.json")]
    public async Task What_is_text_is_compressed(string path)
    {
        using var browser = new HttpClient { BaseAddress = app.Web };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept-Encoding", "gzip, br" } } };
        using var answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEmpty(answer.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("/", 9)]
    [InlineData("/use", 6)]
    public async Task A_page_without_an_island_is_a_few_small_files(string path, int most)
    {
        await using var window = await chromium.OpenAsync(app.Web);
        var requests = new List<string>();
        window.Page.Request += (_, request) => requests.Add(request.Url);
        await window.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
        var files = requests.Where(url => !url.Contains("/api/", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(
            files,
            url => url.Contains("blazor", StringComparison.Ordinal) || url.Contains("_content", StringComparison.Ordinal)
        );
        Assert.True(files.Count <= most, string.Join('\n', files));
    }

    [Theory]
    [InlineData("/", "Watch")]
    [InlineData("/fan-out", "Fan-out")]
    [InlineData("/jobs", "Jobs")]
    [InlineData("/use", "Use it in your app")]
    public async Task The_navigation_shows_where_one_is_and_can_be_skipped(string path, string name)
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync(path);
        await Assertions.Expect(window.Page.Locator("nav[aria-label=Main] [aria-current=page]")).ToHaveTextAsync(name);
        Assert.Equal("en", await window.EvaluateAsync<string>("document.documentElement.lang"));
        await window.Page.Keyboard.PressAsync("Tab");
        await window.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await window.EvaluateAsync<string>("document.activeElement.id"));
    }

    [Fact]
    public async Task Without_scripts_pages_say_what_is_so()
    {
        var job = await app.SubmitAsync(new { source = "sample:tour", pace = "fast" });
        await using var window = await chromium.OpenWithoutScriptsAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{job}");
        await Assertions.Expect(window.Page.GetByText("Without scripts this page stays as it was")).ToBeVisibleAsync();
        foreach (var untrue in new[] { ".facts", ".stage", ".empty", "#cancel", "#follow" })
            await Assertions.Expect(window.Page.Locator(untrue)).ToBeHiddenAsync();
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "VTT" })).ToBeVisibleAsync();

        await window.Page.GotoAsync("/jobs");
        await Assertions.Expect(window.Page.GetByText("Without scripts this list stays as it was")).ToBeVisibleAsync();
        await window.Page.GotoAsync("/use");
        await Assertions.Expect(window.Page.Locator("#publish")).ToBeHiddenAsync();
        await window.Page.GotoAsync("/");
        await Assertions.Expect(window.Page.GetByText("An upload needs scripts here.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_language_that_is_chosen_is_the_job_s()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        var form = window.Page.Locator("form[data-submit=upload]");
        await form.Locator("input[name=media]").SetInputFilesAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "tour.webm"));
        await form.Locator("input[name=subtitles]").SetInputFilesAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "tour.vtt"));
        await form.GetByLabel("Language spoken").SelectOptionAsync("de");
        await window.PressAsync("Upload and start");
        await window.Page.WaitForURLAsync("**/jobs/*");
        using var browser = new HttpClient { BaseAddress = app.Web };
        Assert.Contains(
            "\"language\":\"de\"",
            await browser.GetStringAsync("/api" + new Uri(window.Page.Url).AbsolutePath),
            StringComparison.Ordinal
        );
    }
}
