using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Publishing, and what streams answer to other methods.</summary>
public sealed partial class ApiTests
{
    [Fact]
    public async Task An_event_is_published_by_whoever_has_the_key()
    {
        await AssertProblemAsync(await PublishAsync(_ => { }), 403, "do not give the right");
        await AssertProblemAsync(await PublishAsync(request => request.Headers.Add("X-Api-Key", "a wrong key")), 401, "needs credentials");
        using var first = await PublishAsync(request => request.Headers.Add("X-Api-Key", PublisherKey), key: "k");
        using var second = await PublishAsync(
            request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", PublisherKey),
            key: "k"
        );
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.StatusCode, second.StatusCode));
        var id = Text(await first.Content.ReadFromJsonAsync<JsonElement>(), "id")!;
        Assert.Equal(id, Text(await second.Content.ReadFromJsonAsync<JsonElement>(), "id"));

        await using var stream = await SseStream.OpenAsync(Client, "/streams/weather");
        Assert.Equal("stream.open", (await stream.NextEventAsync())?.Type);
        var published = await stream.NextEventAsync();
        Assert.Equal((id, "temperature", "21.5"), (published!.Id, published.Type, published.Data));
    }

    [Theory]
    [InlineData("/streams/weather?event=a%20b", "x", null, null, 400, "The event type has")]
    [InlineData("/streams/a%20b", "x", null, null, 400, "A topic's name")]
    [InlineData("/streams/weather", "", null, null, 400, "The body is empty")]
    [InlineData("/streams/weather", "\xff", null, null, 400, "not valid UTF-8")]
    [InlineData("/streams/weather", "x", "text/plain; charset=iso-8859-1", null, 415, "The charset 'iso-8859-1' is not taken")]
    [InlineData("/streams/weather", "x", "text/plain; charset=\"UTF-16\"", null, 415, "The charset 'UTF-16' is not taken")]
    [InlineData("/streams/weather", "x", null, "gzip", 415, "The content coding 'gzip' is not taken")]
    [InlineData("/streams/job:AAAAAAAAAAAAAAAAAAAAAA", "x", null, null, 403, "is the service's own")]
    [InlineData("/streams/job:", "x", null, null, 403, "is the service's own")]
    [InlineData("/streams/elsewhere", "x", "text/plain; charset=\"Utf-8\"", "identity", 202, null)]
    public async Task What_cannot_be_published_is_refused(
        string path,
        string body,
        string? contentType,
        string? coding,
        int status,
        string? sentence
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body)),
        };
        request.Headers.Add("X-Api-Key", PublisherKey);
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (coding is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        var response = await Client.SendAsync(request);
        if (sentence is null)
            Assert.Equal(status, (int)response.StatusCode);
        else
            await AssertProblemAsync(response, status, sentence);
    }

    [Fact]
    public async Task A_stream_answers_HEAD_and_OPTIONS()
    {
        using var head = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/streams/weather"));
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.StatusCode, head.Content.Headers.ContentType?.ToString()));
        using var bad = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/streams/a%20b"));
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        using var options = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/streams/weather"));
        Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
        Assert.Equal(["GET", "HEAD", "OPTIONS", "POST"], options.Content.Headers.Allow.Order(StringComparer.Ordinal));
    }
}
