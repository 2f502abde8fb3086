using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The Api under the page's own origin, as a browser meets it: <c>/api</c> of Web.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ForwardingTests(BrowserApp app) : IDisposable
{
    // Connections are kept on this side, as a browser keeps them; they must not tie anybody to a replica all the same.
    private readonly HttpClient _browser = new() { BaseAddress = app.Web, Timeout = TimeSpan.FromMinutes(2) };

    public void Dispose() => _browser.Dispose();

    [Fact]
    public async Task Streams_spread_over_the_replicas_and_answer_at_once()
    {
        var replicas = new HashSet<string>();
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var stream = await SseStream.OpenAsync(_browser, "/api/streams/spread");
                var open = await stream.NextEventAsync();
                Assert.Equal("stream.open", open?.Type);
                replicas.Add(stream.Response.Headers.GetValues("X-Replica").Single());
                return replicas.Count == 3;
            },
            "streams reach all three replicas"
        );
    }

    [Fact]
    public async Task How_large_an_upload_may_be_is_the_Api_s_to_say()
    {
        // More than a server takes by default, and it is taken: what is wrong with it is something else.
        using var media = new ByteArrayContent(new byte[40 * 1024 * 1024]);
        using var form = new MultipartFormDataContent { { media, "media", "zeros.mp4" } };
        using var answer = await _browser.PostAsync("/api/jobs", form);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Errors_of_the_Api_stay_as_it_wrote_them()
    {
        using var answer = await _browser.GetAsync("/api/jobs/nothing");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.False(string.IsNullOrEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task While_no_replica_is_there_a_stream_is_told_to_come_back_and_a_call_that_it_failed()
    {
        await using var gone = await app.KillApiAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/streams/away");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var stream = await _browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        Assert.Matches("^retry: [0-9]+\nevent: stream.busy\ndata: [^\n]+\n\n$", await stream.Content.ReadAsStringAsync());

        using var call = await _browser.GetAsync("/api/jobs");
        Assert.Equal(HttpStatusCode.BadGateway, call.StatusCode);
        Assert.Equal("application/problem+json", call.Content.Headers.ContentType?.MediaType);

        using var page = await _browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
