using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Who may do what, outside Development: nobody what is not theirs.</summary>
public sealed class AccessTests(AccessTests.ClosedApi shared) : IClassFixture<AccessTests.ClosedApi>, IAsyncLifetime
{
    private const string Alice = "alice-has-a-key-of-her-own";
    private const string Bob = "bob-has-a-key-of-his-own-too";
    private const string Weather = "a-key-of-a-weather-station";
    private const string Administrator = "a-key-of-the-administrator";
    private const string Issuer = "dotnet-user-jwts";
    private const string Audience = "http://localhost:5180";

    private static readonly byte[] SigningKey = RandomNumberGenerator.GetBytes(32);

    private ApiProcess _api = null!;

    public async ValueTask InitializeAsync() => _api = await shared.Started;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>One process for all tests of the class, closed but for keys and tokens.</summary>
    public sealed class ClosedApi(RedisServers servers) : IAsyncDisposable
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
            var settings = new Dictionary<string, string>
            {
                ["Jobs__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
                ["EventStreams__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
                ["Access__Open"] = "",
                // Hashed, as whoever writes keys into a file should.
                ["Access__ApiKeys__0__Hash"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Alice))),
                ["Access__ApiKeys__0__Subject"] = "alice",
                ["Access__ApiKeys__0__Rights__0"] = "submit",
                // Where `dotnet user-jwts` writes its key.
                ["Authentication__Schemes__Bearer__ValidAudiences__0"] = Audience,
                ["Authentication__Schemes__Bearer__ValidIssuer"] = Issuer,
                ["Authentication__Schemes__Bearer__SigningKeys__0__Issuer"] = Issuer,
                ["Authentication__Schemes__Bearer__SigningKeys__0__Value"] = Convert.ToBase64String(SigningKey),
            };
            foreach (
                var (name, value) in ApiProcess
                    .ApiKey(1, Bob, "bob", "submit")
                    .Concat(ApiProcess.ApiKey(2, Weather, "station", "publish:weather."))
                    .Concat(ApiProcess.ApiKey(3, Administrator, "administrator", "administer"))
            )
                settings[name] = value;
            return await ApiProcess.StartAsync(server.ConnectionString, settings);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a key that nobody has")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHA6Ly9sb2NhbGhvc3Q6NTE4MCIsImlzcyI6ImRvdG5ldC11c2VyLWp3dHMifQ.")]
    public async Task A_stranger_can_read_and_change_nothing(string? credentials)
    {
        var job = await SubmitAsync(Alice);
        var before = await ReadAsync(job, Alice);
        var contract = await _api.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var tried = 0;
        foreach (var path in contract.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                // What only its unguessable name protects is asked for by a guess; all that changes something is tried on a job that there
                // is.
                var isRead = operation.Name is "get" or "head";
                var address = path
                    .Name.Replace("{id}", isRead ? JobId.Create().Value : job, StringComparison.Ordinal)
                    .Replace("{topic}", "weather.vienna", StringComparison.Ordinal)
                    .Replace("{cueId}", "c0001", StringComparison.Ordinal);
                address = Regex.Replace(address, "{[^}]*}", "0");
                if (path.Name is "/streams" or "/tickets")
                    address += "?topic=weather.vienna";
                using var request = Request(new HttpMethod(operation.Name.ToUpperInvariant()), address, credentials);
                if (!isRead)
                    request.Content = JsonContent.Create(
                        new
                        {
                            source = "sample:tour",
                            text = "mine",
                            rev = 1,
                        }
                    );
                using var answer = await _api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                // What is protected by an unguessable name or a token of its own is not there, or refused; all else asks for credentials.
                var isOwnWay = credentials is null && path.Name.Contains("{id}", StringComparison.Ordinal);
                Assert.True(
                    answer.StatusCode == HttpStatusCode.Unauthorized
                        || (isOwnWay && answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden),
                    $"{operation.Name} {address} was answered {(int)answer.StatusCode}."
                );
                Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
                Assert.False(answer.Headers.Contains("Set-Cookie"));
                tried++;
            }
        }
        Assert.True(tried >= 11, $"The contract has only {tried} calls.");
        Assert.Equal(before, await ReadAsync(job, Alice));
        using var several = await _api.Client.GetAsync(
            "/streams?topic=weather.vienna&topic=news",
            HttpCompletionOption.ResponseHeadersRead
        );
        Assert.True(several.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound, $"Several topics: {several.StatusCode}");
    }

    [Fact]
    public async Task Whoever_has_the_id_may_watch_a_job_and_only_its_owner_may_change_it()
    {
        var job = await SubmitAsync(Alice);
        foreach (var watcher in new[] { null, Bob })
        {
            foreach (var path in new[] { "", "/subtitles.vtt", "/subtitles.srt", "/subtitles.json" })
            {
                foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
                {
                    using var read = await SendAsync(method, $"/jobs/{job}{path}", watcher);
                    Assert.Equal(HttpStatusCode.OK, read.StatusCode);
                }
            }
            foreach (var stream in new[] { $"/jobs/{job}/events", $"/streams/job:{job}" })
            {
                using var request = Request(HttpMethod.Get, stream, watcher);
                await using var events = new SseStream(await _api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
                Assert.Equal("stream.open", (await events.NextEventAsync())?.Type);
            }
        }
        foreach (var (method, path) in new[] { ("POST", "/cancel"), ("POST", "/retry"), ("DELETE", "") })
        {
            using var refused = await SendAsync(new HttpMethod(method), $"/jobs/{job}{path}", Bob);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains("somebody else's", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal((true, false), (await IsOwnAsync(job, Alice), await IsOwnAsync(job, Bob)));
        Assert.Contains(job, await ListAsync("/jobs?take=200", Alice));
        Assert.DoesNotContain(job, await ListAsync("/jobs?take=200", Bob));
        Assert.DoesNotContain(job, await ListAsync("/jobs?take=200", Administrator));
        Assert.Contains(job, await ListAsync("/jobs?take=200&all=true", Administrator));
        using var others = await SendAsync(HttpMethod.Get, "/jobs?all=true", Bob);
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);

        using (var cancel = await SendAsync(HttpMethod.Post, $"/jobs/{job}/cancel", Alice))
            Assert.Equal(HttpStatusCode.Accepted, cancel.StatusCode);
        using (var retry = await SendAsync(HttpMethod.Post, $"/jobs/{job}/retry", Administrator))
            Assert.Equal(HttpStatusCode.Accepted, retry.StatusCode);
        using (var delete = await SendAsync(HttpMethod.Delete, $"/jobs/{job}", Alice))
            Assert.Equal(HttpStatusCode.NoContent, delete.StatusCode);
        using var gone = await SendAsync(HttpMethod.Get, $"/jobs/{job}", Alice);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.DoesNotContain(job, await ListAsync("/jobs?take=200", Alice));
    }

    [Fact]
    public async Task A_key_publishes_where_its_right_begins_and_nowhere_else()
    {
        foreach (
            var (topic, key, status) in new[]
            {
                ("weather.vienna", Weather, 202),
                ("weatherman", Weather, 403),
                ("news", Weather, 403),
                ("news", Alice, 403),
                ("news", Administrator, 202),
                ("job:AAAAAAAAAAAAAAAAAAAAAA", Administrator, 403),
            }
        )
        {
            using var request = Request(HttpMethod.Post, $"/streams/{topic}", key);
            request.Content = new StringContent("21.5");
            using var answer = await _api.Client.SendAsync(request);
            Assert.True((int)answer.StatusCode == status, $"{topic} was answered {(int)answer.StatusCode}.");
        }
        using var submit = Request(HttpMethod.Post, "/jobs", Weather);
        submit.Content = JsonContent.Create(new { source = "sample:tour" });
        using var refused = await _api.Client.SendAsync(submit);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("do not give the right", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_its_subject_and_its_scopes_are_rights()
    {
        var token = Token(
            new JsonObject
            {
                ["sub"] = "carol",
                ["scope"] = "openid publish:news right",
                ["right"] = "administer",
            }
        );
        var job = await SubmitAsync(token, bearer: true);
        Assert.True(await IsOwnAsync(job, token, bearer: true));
        Assert.False(await IsOwnAsync(job, Token(new JsonObject { ["sub"] = "dave" }), bearer: true));
        foreach (var (topic, status) in new[] { ("news.local", 202), ("weather.vienna", 403) })
        {
            using var request = Request(HttpMethod.Post, $"/streams/{topic}", token, bearer: true);
            request.Content = new StringContent("x");
            using var answer = await _api.Client.SendAsync(request);
            Assert.Equal(status, (int)answer.StatusCode);
        }
        foreach (
            var bad in new[]
            {
                Token(new JsonObject { ["sub"] = "carol", ["aud"] = "another service" }),
                Token(new JsonObject { ["sub"] = "carol", ["iss"] = "another issuer" }),
                Token(new JsonObject { ["sub"] = "carol", ["exp"] = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds() }),
                Token(new JsonObject { ["scope"] = "administer" }),
                token[..^2],
            }
        )
        {
            using var refused = await SendAsync(HttpMethod.Get, $"/jobs/{job}", bad, bearer: true);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.StartsWith("Bearer", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_credentials_come_into_the_log()
    {
        using var request = Request(HttpMethod.Get, "/jobs?ticket=a-ticket-of-the-query", "a-key-that-must-not-be-logged");
        request.Headers.Add("Cookie", "visitor=a-cookie-that-must-not-be-logged");
        using var answer = await _api.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        foreach (
            var secret in new[] { "a-ticket-of-the-query", "a-key-that-must-not-be-logged", "a-cookie-that-must-not-be-logged", Alice, Bob }
        )
            Assert.DoesNotContain(secret, _api.Output, StringComparison.Ordinal);
        Assert.Contains("Access is closed", _api.Output, StringComparison.Ordinal);
    }

    private async Task<string> SubmitAsync(string credentials, bool bearer = false)
    {
        using var request = Request(HttpMethod.Post, "/jobs", credentials, bearer);
        request.Content = JsonContent.Create(new { source = "sample:tour" });
        using var answer = await _api.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private async Task<string> ReadAsync(string job, string credentials)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/jobs/{job}", credentials);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<bool> IsOwnAsync(string job, string credentials, bool bearer = false)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/jobs/{job}", credentials, bearer);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("isOwn").GetBoolean();
    }

    private async Task<string> ListAsync(string path, string credentials)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, credentials);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? credentials, bool bearer = false)
    {
        using var request = Request(method, path, credentials, bearer);
        return await _api.Client.SendAsync(request);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? credentials, bool bearer = false)
    {
        var request = new HttpRequestMessage(method, path);
        if (credentials is not null && (bearer || credentials.Count(c => c == '.') == 2))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credentials);
        else if (credentials is not null)
            request.Headers.Add("X-Api-Key", credentials);
        return request;
    }

    /// <summary>A token as <c>dotnet user-jwts</c> makes it.</summary>
    private static string Token(JsonObject claims)
    {
        claims["iss"] ??= Issuer;
        claims["aud"] ??= Audience;
        claims["exp"] ??= DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        var signed =
            $"{Part(Encoding.UTF8.GetBytes("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"))}.{Part(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Part(HMACSHA256.HashData(SigningKey, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Part(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
