using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>How much one caller may do, at all replicas together.</summary>
public sealed class LimitTests(RedisServers servers)
{
    private const string Alice = "alice-has-a-key-of-her-own";
    private const string Bob = "bob-has-a-key-of-his-own-too";

    private readonly Dictionary<string, string> _settings = new(
        ApiProcess.ApiKey(0, Alice, "alice", "submit", "publish").Concat(ApiProcess.ApiKey(1, Bob, "bob", "submit", "publish"))
    )
    {
        ["Jobs__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
        ["EventStreams__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
    };

    [Theory]
    [InlineData(RedisServerKind.Redis)]
    [InlineData(RedisServerKind.Garnet)]
    public async Task A_caller_submits_so_often_at_all_replicas_together_and_then_is_told_when_to_come_back(RedisServerKind kind)
    {
        var server = await servers.GetAsync(kind);
        var settings = new Dictionary<string, string>(_settings) { ["Limits__SubmitsPerMinute"] = "4" };
        await using var first = await ApiProcess.StartAsync(server.ConnectionString, settings);
        await using var second = await ApiProcess.StartAsync(server.ConnectionString, settings);
        foreach (var key in new[] { Alice, Bob })
        {
            for (var i = 0; i < 4; i++)
            {
                using var taken = await SubmitAsync(i % 2 == 0 ? first : second, key);
                Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
            }
            foreach (var api in new[] { first, second })
            {
                using var refused = await SubmitAsync(api, key);
                await AssertRefusedAsync(refused, "more than one caller may do", 60);
            }
        }
        // Visitors count by their address, whatever cookie they bring.
        for (var i = 0; i < 4; i++)
        {
            using var taken = await SubmitAsync(first, null);
            Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        }
        using var other = await SubmitAsync(second, null);
        await AssertRefusedAsync(other, "more than one caller may do", 60);
        using var elsewhere = await SubmitAsync(second, null, "203.0.113.7");
        Assert.Equal(HttpStatusCode.Accepted, elsewhere.StatusCode);
    }

    [Fact]
    public async Task An_owner_with_too_many_jobs_or_bytes_is_refused_until_some_have_ended_or_are_deleted()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var api = await ApiProcess.StartAsync(
            server.ConnectionString,
            new Dictionary<string, string>(_settings) { ["Jobs__MaxJobsPerOwner"] = "2", ["Jobs__MaxStoredBytesPerOwner"] = "1000" }
        );
        using var first = await UploadAsync(api, Alice, 900);
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        using var large = await UploadAsync(api, Alice, 900);
        await AssertRefusedAsync(large, "take more than 1000 bytes", 30);
        Assert.Single(Directory.GetFiles(api.MediaFolder));
        using var second = await SubmitAsync(api, Alice);
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        using var third = await SubmitAsync(api, Alice);
        await AssertRefusedAsync(third, "2 jobs that have not ended", 30);
        using var bobs = await SubmitAsync(api, Bob);
        Assert.Equal(HttpStatusCode.Accepted, bobs.StatusCode);

        using var delete = Request(HttpMethod.Delete, first.Headers.Location!.ToString(), Alice);
        using var deleted = await api.Client.SendAsync(delete);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(Directory.GetFiles(api.MediaFolder));
        using var again = await UploadAsync(api, Alice, 900);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Fact]
    public async Task A_caller_gets_so_many_tickets()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var api = await ApiProcess.StartAsync(
            server.ConnectionString,
            new Dictionary<string, string>(_settings) { ["Limits__TicketsPerMinute"] = "1" }
        );
        using var request = Request(HttpMethod.Post, "/tickets?topic=news", Alice);
        using var first = await api.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var again = Request(HttpMethod.Post, "/tickets?topic=news", Alice);
        using var second = await api.Client.SendAsync(again);
        await AssertRefusedAsync(second, "more than one caller may do", 60);
    }

    [Fact]
    public async Task A_publisher_is_slowed_down_and_another_is_not()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var api = await ApiProcess.StartAsync(
            server.ConnectionString,
            new Dictionary<string, string>(_settings) { ["Limits__PublishesPerSecond"] = "5" }
        );
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => PublishAsync(api, Alice)));
        Assert.Contains(HttpStatusCode.Accepted, answers);
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.Accepted, await PublishAsync(api, Bob));
        await Eventually.HoldsAsync(async () => await PublishAsync(api, Alice) == HttpStatusCode.Accepted, "the publisher may go on");
    }

    [Fact]
    public async Task Every_answer_confines_what_a_browser_makes_of_it()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var api = await ApiProcess.StartAsync(server.ConnectionString, _settings);
        foreach (var path in new[] { "/jobs", "/nothing", "/health", "/openapi/v1.json", "/scalar/" })
        {
            using var answer = await api.Client.GetAsync(path);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
            Assert.Contains(
                "frame-ancestors 'none'",
                answer.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal
            );
        }
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/jobs");
        foreign.Headers.Add("Origin", "https://elsewhere.example.com");
        using var read = await api.Client.SendAsync(foreign);
        Assert.False(read.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, string sentence, int longest)
    {
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, longest);
        Assert.Contains(
            sentence,
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
    }

    private static async Task<HttpResponseMessage> SubmitAsync(ApiProcess api, string? key, string? address = null)
    {
        using var request = Request(HttpMethod.Post, "/jobs", key);
        if (address is not null)
            request.Headers.Add("X-Forwarded-For", address);
        request.Content = JsonContent.Create(new { source = "sample:tour" });
        return await api.Client.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> UploadAsync(ApiProcess api, string key, int bytes)
    {
        using var request = Request(HttpMethod.Post, "/jobs", key);
        var media = new ByteArrayContent([.. "RIFF\0\0\0\0WAVEfmt "u8, .. new byte[bytes - 16]]);
        media.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        request.Content = new MultipartFormDataContent { { media, "media", "talk.wav" } };
        return await api.Client.SendAsync(request);
    }

    private static async Task<HttpStatusCode> PublishAsync(ApiProcess api, string key)
    {
        using var request = Request(HttpMethod.Post, "/streams/news", key);
        request.Content = new StringContent("x");
        using var answer = await api.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? key)
    {
        var request = new HttpRequestMessage(method, path);
        if (key is not null)
            request.Headers.Add("X-Api-Key", key);
        return request;
    }
}
