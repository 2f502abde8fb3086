using System.Net;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The faults that a demonstration causes in Development.</summary>
[Collection(BrowserCollection.Name)]
public sealed class BreakingTests(BrowserApp app)
{
    [Fact]
    public async Task Streams_outlive_a_moment_in_which_Redis_has_closed_every_connection()
    {
        using var browser = new HttpClient { BaseAddress = app.Web };
        var topic = "cut" + Guid.NewGuid().ToString("N");
        await using var stream = await SseStream.OpenAsync(browser, $"/api/streams/{topic}");
        Assert.Equal("stream.open", (await stream.NextEventAsync())?.Type);

        using var cut = await browser.PostAsync("/api/development/redis/disconnect", null);
        Assert.Equal(HttpStatusCode.Accepted, cut.StatusCode);
        await Eventually.HoldsAsync(
            async () =>
            {
                using var published = await browser.PostAsync($"/api/streams/{topic}", new StringContent("still here"));
                return published.IsSuccessStatusCode;
            },
            "events are taken again"
        );
        Assert.Equal("still here", (await stream.NextEventAsync())?.Data);
        await app.WaitForAllAsync();
    }

    [Fact]
    public async Task A_replica_stops_itself_when_it_is_meant_and_not_when_another_is()
    {
        using var program = new HttpClient { BaseAddress = app.Web };
        using var other = await program.PostAsync("/api/development/stop?replica=nobody", null);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);

        using var any = await program.GetAsync("/api/alive");
        var victim = any.Headers.GetValues("X-Replica").Single();
        await using var stopped = app.Stopping(victim);
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await program.PostAsync($"/api/development/stop?replica={victim}", null);
                return answer.StatusCode == HttpStatusCode.Accepted;
            },
            "the call reaches the replica that it is meant for"
        );
        await stopped.ReviveAsync();
    }

    [Theory]
    [InlineData("Origin", "https://elsewhere.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_page_of_another_site_causes_no_fault(string header, string value)
    {
        using var browser = new HttpClient { BaseAddress = app.Web };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/development/redis/disconnect")
        {
            Headers = { { header, value } },
        };
        using var answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
