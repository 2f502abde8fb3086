using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The Api's answers over HTTP: its routes, its links, and a useful problem for whatever is wrong.</summary>
public sealed class ApiTests(ApiTests.SharedApi shared, RedisServers servers) : IClassFixture<ApiTests.SharedApi>, IAsyncLifetime
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

    [Fact]
    public async Task An_upload_is_stored_and_a_refused_one_leaves_nothing()
    {
        var before = Directory.GetFiles(_api.MediaFolder);
        await AssertProblemAsync(await UploadAsync("not media"u8.ToArray()), 415, "not in a format that is taken");
        await AssertProblemAsync(await UploadAsync([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[200_000]]), 413, "larger than the limit");
        await AssertProblemAsync(await UploadAsync([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[20_000_000]]), 413, "larger than the limit");
        Assert.Equal(before.Order(), Directory.GetFiles(_api.MediaFolder).Order());

        using var response = await UploadAsync([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[50_000]]);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(50_012, new FileInfo(Assert.Single(Directory.GetFiles(_api.MediaFolder).Except(before))).Length);
        Assert.Equal("talk.wav", Text(await Client.GetFromJsonAsync<JsonElement>(response.Headers.Location), "title"));
    }

    [Fact]
    public async Task A_repeated_upload_is_one_job_with_one_file_and_another_one_under_its_key_is_refused()
    {
        var key = Guid.NewGuid().ToString();
        byte[] media = [.. "RIFF\0\0\0\0WAVE"u8, .. new byte[50_000]];
        using var first = await UploadAsync(media, key);
        using var second = await UploadAsync(media, key);
        Assert.Equal((HttpStatusCode.Accepted, first.Headers.Location), (second.StatusCode, second.Headers.Location));
        var files = Directory.GetFiles(_api.MediaFolder).Length;
        media[^1] = 1;
        await AssertProblemAsync(await UploadAsync(media, key), 422, "another request");
        Assert.Equal(files, Directory.GetFiles(_api.MediaFolder).Length);
    }

    [Fact]
    public async Task A_side_file_is_taken_without_its_broken_cues_which_are_told()
    {
        var form = new MultipartFormDataContent
        {
            { new ByteArrayContent([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[5000]]), "media", "talk.wav" },
            {
                new ByteArrayContent(
                    Encoding.Unicode.GetBytes("1\n00:00:01,000-->00:00:02,000\ncafé\n\n2\n00:00:0x,000 --> 00:00:04,000\nbroken\n")
                ),
                "subtitles",
                "talk.srt"
            },
        };
        using var response = await Client.PostAsync("/jobs", form);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var warnings = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("warnings");
        Assert.StartsWith("Line 6:", warnings.EnumerateArray().Single().GetString(), StringComparison.Ordinal);
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
    public async Task Headers_and_addresses_that_are_too_long_are_problems_with_a_sentence()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/jobs");
        request.Headers.Add("X-Long", new string('x', 40_000));
        await AssertProblemAsync(await Client.SendAsync(request), 431, "headers");
        await AssertProblemAsync(await Client.GetAsync("/jobs?status=" + new string('x', 10_000)), 414, "address");
    }

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
