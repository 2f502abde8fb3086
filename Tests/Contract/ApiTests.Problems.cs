using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>A useful problem for whatever is wrong.</summary>
public sealed partial class ApiTests
{
    [Fact]
    public async Task Headers_and_addresses_that_are_too_long_are_problems_with_a_sentence()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/jobs");
        request.Headers.Add("X-Long", new string('x', 40_000));
        await AssertProblemAsync(await Client.SendAsync(request), 431, "headers");
        await AssertProblemAsync(await Client.GetAsync("/jobs?status=" + new string('x', 10_000)), 414, "address");
    }

    public static TheoryData<string, string, string?, int, string> BadRequests =>
        new()
        {
            { "GET", "/nothing", null, 404, "/openapi/v1.json" },
            { "GET", "/jobs/nope", null, 404, "There is no job 'nope'" },
            { "GET", "/jobs/AAAAAAAAAAAAAAAAAAAAAA", null, 404, "There is no job" },
            { "GET", "/jobs/AAAAAAAAAAAAAAAAAAAAAA/events", null, 404, "There is no job" },
            { "GET", "/jobs/AAAAAAAAAAAAAAAAAAAAAA/subtitles.vtt", null, 404, "There is no job" },
            { "POST", "/jobs/AAAAAAAAAAAAAAAAAAAAAA/cancel", "", 404, "There is no job" },
            { "POST", "/jobs/AAAAAAAAAAAAAAAAAAAAAA/retry", "", 404, "There is no job" },
            { "GET", "/jobs?take=1000", null, 400, "take is 1 to 200" },
            { "GET", "/jobs?after=x", null, 400, "leave it out for the first page" },
            { "GET", "/jobs?take=many", null, 400, "is not of the kind that is expected" },
            { "GET", "/jobs?status=7", null, 400, "The status is one of queued, running, retrying, completed, failed, canceled" },
            { "DELETE", "/jobs", null, 405, "only GET, POST" },
            { "POST", "/jobs", "{\"source\": }", 400, "$.source, line 1" },
            { "POST", "/jobs", "{\"sorce\":\"x\"}", 400, "$.sorce" },
            { "POST", "/jobs", "{}", 400, "The source is missing" },
            { "POST", "/jobs", "{\"source\":\"sample:nope\"}", 400, "There are: tour, tour-speech" },
            { "POST", "/jobs", "{\"source\":\"ftp://example.org/a\"}", 400, "http:// or https://" },
            { "POST", "/jobs", "{\"source\":\"file:///etc/passwd\"}", 400, "http:// or https://" },
            { "POST", "/jobs", "{\"source\":\"upload:x\"}", 400, "http:// or https://" },
            { "POST", "/jobs", "{\"source\":\"http://127.0.0.1/a\"}", 400, "private address" },
            { "POST", "/jobs", "{\"source\":\"http://169.254.169.254/\"}", 400, "private address" },
            { "POST", "/jobs", "{\"source\":\"http://[::ffff:10.0.0.1]/\"}", 400, "private address" },
            { "POST", "/jobs", "{\"source\":\"sample:tour\",\"pace\":\"slow\"}", 400, "fast or realtime" },
            { "POST", "/jobs", "{\"source\":\"sample:tour\",\"language\":\"!\"}", 400, "BCP 47" },
            { "POST", "/jobs", "text", 415, "multipart/form-data" },
            { "GET", "/streams/a%20b", null, 400, "A topic's name" },
            { "DELETE", "/streams/a", null, 405, "only GET, HEAD" },
        };

    [Fact]
    public async Task A_body_that_is_too_large_is_answered_and_not_cut_off()
    {
        var large = new string(' ', 3_000_000);
        await AssertProblemAsync(
            await Client.PostAsync("/jobs", new StringContent(large, Encoding.UTF8, "application/json")),
            413,
            "at most 64 KiB"
        );
        using var publish = new HttpRequestMessage(HttpMethod.Post, "/streams/weather") { Content = new StringContent(large) };
        publish.Headers.Add("X-Api-Key", PublisherKey);
        // Without a declared length it is found while reading.
        publish.Headers.TransferEncodingChunked = true;
        await AssertProblemAsync(await Client.SendAsync(publish), 413, "at most 262144 bytes");
    }

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task A_bad_request_gets_a_problem_that_helps(string method, string path, string? body, int status, string sentence)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, body == "text" ? "text/plain" : "application/json");
        // As a browser's EventSource asks: such a client gets the problem as well.
        request.Headers.Accept.ParseAdd("text/event-stream");
        await AssertProblemAsync(await Client.SendAsync(request), status, sentence);
    }
}
