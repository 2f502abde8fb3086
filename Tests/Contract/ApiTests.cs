using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The Api's answers over HTTP: its routes, its links, and a useful problem for whatever is wrong.</summary>
public sealed partial class ApiTests(ApiTests.SharedApi shared, RedisServers servers) : IClassFixture<ApiTests.SharedApi>, IAsyncLifetime
{
    private const string PublisherKey = "a-publisher-key-of-the-test";

    private ApiProcess _api = null!;

    private HttpClient Client => _api.Client;

    public async ValueTask InitializeAsync() => _api = await shared.Started;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>One process for all tests of the class, started by the first.</summary>
    public sealed class SharedApi(RedisServers servers) : IAsyncDisposable
    {
        private Task<ApiProcess>? _started;

        internal Task<ApiProcess> Started => _started ??= StartAsync();

        public async ValueTask DisposeAsync()
        {
            if (_started is { IsCompletedSuccessfully: true } started)
                await (await started).DisposeAsync();
        }

        private async Task<ApiProcess> StartAsync()
        {
            var server = await servers.GetAsync(RedisServerKind.Redis);
            return await ApiProcess.StartAsync(
                server.ConnectionString,
                new Dictionary<string, string>(ApiProcess.PublisherKey(PublisherKey))
                {
                    ["Jobs__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
                    ["EventStreams__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
                    ["EventStreams__ReplicaId"] = "api-test",
                    ["Media__MaxUploadBytes"] = "100000",
                }
            );
        }
    }

    [Fact]
    public async Task A_job_is_submitted_looked_at_canceled_and_retried()
    {
        using var submit = await Client.PostAsJsonAsync("/jobs", new { source = "sample:tour", pace = "realtime" });
        Assert.Equal(HttpStatusCode.Accepted, submit.StatusCode);
        Assert.Equal("api-test", submit.Headers.GetValues("X-Replica").Single());
        var accepted = await submit.Content.ReadFromJsonAsync<JsonElement>();
        var id = accepted.GetProperty("id").GetString()!;
        Assert.True(JobId.TryParse(id, out _));
        Assert.Equal("queued", accepted.GetProperty("status").GetString());
        Assert.Equal($"/jobs/{id}", submit.Headers.Location?.ToString());
        var links = accepted.GetProperty("links");

        var job = await Client.GetFromJsonAsync<JsonElement>(links.GetProperty("self").GetString());
        Assert.Equal(("realtime", "en", "sample:tour"), (Text(job, "pace"), Text(job, "language"), Text(job, "source")));
        Assert.Equal(id, Text((await Client.GetFromJsonAsync<JsonElement>("/jobs")).GetProperty("jobs")[0], "id"));

        var snapshot = await Client.GetFromJsonAsync<JsonElement>(links.GetProperty("json").GetString());
        Assert.Equal(("queued", id), (Text(snapshot, "status"), Text(snapshot, "jobId")));
        Assert.Equal(0, snapshot.GetProperty("cues").GetArrayLength());
        Assert.NotNull(Text(snapshot, "cursor"));
        Assert.StartsWith("WEBVTT", await Client.GetStringAsync(links.GetProperty("vtt").GetString()), StringComparison.Ordinal);

        await AssertProblemAsync(await Client.PostAsync(links.GetProperty("retry").GetString(), null), 409, "The job is queued");
        using var cancel = await Client.PostAsync(links.GetProperty("cancel").GetString(), null);
        Assert.Equal(
            (HttpStatusCode.Accepted, "canceled"),
            (cancel.StatusCode, Text(await cancel.Content.ReadFromJsonAsync<JsonElement>(), "status"))
        );
        await AssertProblemAsync(await Client.PostAsync(links.GetProperty("cancel").GetString(), null), 409, "The job is canceled");

        var events = await Client.GetStringAsync(links.GetProperty("events").GetString());
        Assert.Equal(
            ["stream.open", "job.queued", "job.canceled", "stream.end"],
            events.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line[7..])
        );

        using var retry = await Client.PostAsync(links.GetProperty("retry").GetString(), null);
        Assert.Equal(
            (HttpStatusCode.Accepted, "queued"),
            (retry.StatusCode, Text(await retry.Content.ReadFromJsonAsync<JsonElement>(), "status"))
        );
    }

    [Fact]
    public async Task What_no_engine_can_do_is_refused_at_the_door_and_what_one_can_is_told()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        var prefix = RedisServers.CreateKeyPrefix();
        await using var api = await ApiProcess.StartAsync(
            server.ConnectionString,
            new Dictionary<string, string>
            {
                ["Jobs__KeyPrefix"] = prefix,
                ["EventStreams__KeyPrefix"] = prefix,
                ["EventStreams__ReplicaId"] = "api-test",
            }
        );
        await using var connection = await server.ConnectAsync();
        var workers = new WorkerAbilities(
            connection,
            Microsoft.Extensions.Options.Options.Create(new JobsOptions { KeyPrefix = prefix }),
            TimeProvider.System
        );
        async Task<HttpResponseMessage> SubmitAsync() =>
            await api.Client.PostAsJsonAsync("/jobs", new { source = "live", translate = true });
        async Task<string> AbilitiesAsync() => await api.Client.GetStringAsync("/abilities");

        // Nobody is there yet to say that it cannot be done.
        using (var early = await SubmitAsync())
            Assert.Equal(HttpStatusCode.Accepted, early.StatusCode);
        Assert.Equal("""{"detectsLanguage":false,"translates":false}""", await AbilitiesAsync());
        await workers.TellAsync(new Abilities(false, false), default);
        await AssertProblemAsync(await SubmitAsync(), 400, "No engine that is set up here translates");
        await workers.TellAsync(new Abilities(true, true), default);
        Assert.Equal("""{"detectsLanguage":true,"translates":true}""", await AbilitiesAsync());
        using var taken = await SubmitAsync();
        var id = Text(await taken.Content.ReadFromJsonAsync<JsonElement>(), "id");
        var job = await api.Client.GetFromJsonAsync<JsonElement>($"/jobs/{id}");
        Assert.Equal(("auto", true), (Text(job, "language"), job.GetProperty("translate").GetBoolean()));
        // The cues are in English, whatever is spoken.
        using var ttml = await api.Client.GetAsync($"/jobs/{id}/subtitles.ttml");
        Assert.Contains("xml:lang=\"en\"", await ttml.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("en", ttml.Content.Headers.ContentLanguage.Single());

        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.ASCII.GetBytes("RIFF\0\0\0\0WAVEfmt ")), "media", "a.wav" },
            { new StringContent("WEBVTT\n\n00:00.000 --> 00:01.000\nyes\n"), "subtitles", "a.vtt" },
            { new StringContent("true"), "translate" },
        };
        await AssertProblemAsync(await api.Client.PostAsync("/jobs", form), 400, "are not translated");
    }

    [Fact]
    public async Task Jobs_are_listed_by_their_status_page_by_page()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var submit = await Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
            ids.Add(Text(await submit.Content.ReadFromJsonAsync<JsonElement>(), "id")!);
            using var cancel = await Client.PostAsync($"/jobs/{ids[^1]}/cancel", null);
        }
        var seen = new List<string>();
        for (var next = "/jobs?status=canceled&take=2"; next is not null; )
        {
            var page = await Client.GetFromJsonAsync<JsonElement>(next);
            Assert.All(page.GetProperty("jobs").EnumerateArray(), job => Assert.Equal("canceled", Text(job, "status")));
            seen.AddRange(page.GetProperty("jobs").EnumerateArray().Select(job => Text(job, "id")!));
            next = Text(page, "next");
        }
        Assert.Equal(ids.AsEnumerable().Reverse(), seen.Where(ids.Contains));
    }

    [Fact]
    public async Task A_webhook_is_checked_at_submission_and_its_secret_is_shown_to_nobody()
    {
        async Task<HttpResponseMessage> SubmitAsync(string? webhook, string? webhookSecret) =>
            await Client.PostAsJsonAsync(
                "/jobs",
                new
                {
                    source = "sample:tour",
                    webhook,
                    webhookSecret,
                }
            );
        await AssertProblemAsync(await SubmitAsync("https://8.8.8.8/hook", null), 400, "the webhookSecret is whsec_ and 24 to 64");
        await AssertProblemAsync(await SubmitAsync("https://8.8.8.8/hook", "short"), 400, "the webhookSecret is whsec_ and 24 to 64");
        await AssertProblemAsync(
            await SubmitAsync("https://8.8.8.8/hook", "whsec_not-base64-at-all-but-long-enough-for-it"),
            400,
            "the webhookSecret is whsec_ and 24 to 64"
        );
        await AssertProblemAsync(await SubmitAsync(null, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 400, "of no use without a webhook");
        await AssertProblemAsync(
            await SubmitAsync("http://127.0.0.1/hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            400,
            "private address"
        );
        await AssertProblemAsync(await SubmitAsync("hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 400, "not an http(s) address");
        using var submit = await SubmitAsync("https://8.8.8.8/hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        Assert.Equal(HttpStatusCode.Accepted, submit.StatusCode);
        Assert.DoesNotContain(
            "whsec_",
            await submit.Content.ReadAsStringAsync()
                + await Client.GetStringAsync(submit.Headers.Location)
                + await Client.GetStringAsync("/jobs"),
            StringComparison.Ordinal
        );
        using var cancel = await Client.PostAsync(submit.Headers.Location + "/cancel", null);
        Assert.Equal("pending", Text(await Client.GetFromJsonAsync<JsonElement>(submit.Headers.Location), "webhook"));
    }

    [Fact]
    public async Task A_repeated_submission_is_one_job()
    {
        async Task<HttpResponseMessage> SubmitAsync(string source)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs") { Content = JsonContent.Create(new { source }) };
            request.Headers.Add("Idempotency-Key", "key of the test");
            return await Client.SendAsync(request);
        }

        using var first = await SubmitAsync("sample:tour");
        using var second = await SubmitAsync("sample:tour");
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        await AssertProblemAsync(await SubmitAsync("sample:tour-speech"), 422, "another request");
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("/subtitles.vtt", "text/vtt")]
    [InlineData("/subtitles.json", "application/json")]
    [InlineData("/events", "text/event-stream")]
    public async Task What_can_be_read_can_be_asked_for_by_its_head(string path, string contentType)
    {
        using var submit = await Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
        using var response = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, submit.Headers.Location + path));
        Assert.Equal((HttpStatusCode.OK, contentType), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        using var missing = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/jobs/AAAAAAAAAAAAAAAAAAAAAA" + path));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Whatever_a_client_has_is_not_sent_again()
    {
        using var submit = await Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
        using var request = new HttpRequestMessage(HttpMethod.Get, submit.Headers.Location + "/subtitles.vtt");
        request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Fact]
    public async Task The_contract_names_every_route()
    {
        var contract = await Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        Assert.Equal(
            [
                "/abilities",
                "/jobs",
                "/jobs/{id}",
                "/jobs/{id}/cancel",
                "/jobs/{id}/cues/{cueId}",
                "/jobs/{id}/events",
                "/jobs/{id}/media",
                "/jobs/{id}/media/{number}",
                "/jobs/{id}/retry",
                "/jobs/{id}/subtitles.json",
                "/jobs/{id}/subtitles.srt",
                "/jobs/{id}/subtitles.ttml",
                "/jobs/{id}/subtitles.txt",
                "/jobs/{id}/subtitles.vtt",
                "/jobs/{id}/subtitles/playlist.m3u8",
                "/jobs/{id}/subtitles/{number}.vtt",
                "/streams",
                "/streams/{topic}",
                "/streams/{topic}/events",
                "/tickets",
            ],
            contract.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal)
        );
        foreach (var operation in contract.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()))
            Assert.True(operation.Value.TryGetProperty("summary", out _), "An operation has no summary.");
        using var page = await Client.GetAsync("/scalar/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Its_health_can_be_asked_for(string path) => Assert.Equal("Healthy", await Client.GetStringAsync(path));

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    private Task<HttpResponseMessage> UploadAsync(byte[] media, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/jobs")
        {
            Content = new MultipartFormDataContent { { new ByteArrayContent(media), "media", "talk.wav" } },
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return Client.SendAsync(request);
    }

    private Task<HttpResponseMessage> PublishAsync(Action<HttpRequestMessage> authorise, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/streams/weather?event=temperature") { Content = new StringContent("21.5") };
        authorise(request);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return Client.SendAsync(request);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, int status, string sentence)
    {
        using (response)
        {
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal("api-test", response.Headers.GetValues("X-Replica").Single());
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(status, problem.GetProperty("status").GetInt32());
            Assert.Contains(sentence, Text(problem, "detail"), StringComparison.Ordinal);
        }
    }
}
