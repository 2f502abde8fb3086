using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The ways of access that let visitors in, and the start without any.</summary>
public sealed class OpenAccessTests(RedisServers servers)
{
    private readonly Dictionary<string, string> _settings = new()
    {
        ["Jobs__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
        ["EventStreams__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
    };

    [Theory]
    [InlineData("", "", "", "it must be said who may call")]
    [InlineData("Access__Authority", "http://issuer.example.com", "api", "is an https address")]
    [InlineData("Access__Authority", "https://issuer.example.com", "", "Access:Audience is missing")]
    [InlineData("Access__ApiKeys__0__Key", "short", "", "has at least 16 characters")]
    [InlineData("Access__ApiKeys__0__Rights__0", "fly", "", "there is no right 'fly'")]
    public async Task Outside_Development_it_starts_only_when_it_is_said_who_may_call(
        string name,
        string value,
        string audience,
        string sentence
    )
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        var settings = new Dictionary<string, string>(_settings) { ["Access__Open"] = "", ["Access__Audience"] = audience };
        if (name.Length > 0)
            settings[name] = value;
        var ended = await Assert.ThrowsAsync<InvalidOperationException>(() => ApiProcess.StartAsync(server.ConnectionString, settings));
        Assert.Contains(sentence, ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visitor_owns_their_jobs_by_a_signed_cookie_on_every_replica()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var first = await ApiProcess.StartAsync(server.ConnectionString, _settings);
        await using var second = await ApiProcess.StartAsync(server.ConnectionString, _settings);
        using var submit = await first.Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
        var job = (await submit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        var cookie = submit.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        var mine = cookie.Split(';')[0];

        using var bare = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = second.Client.BaseAddress };
        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? with)
        {
            using var request = new HttpRequestMessage(method, path);
            if (with is not null)
                request.Headers.Add("Cookie", with);
            return await bare.SendAsync(request);
        }
        Assert.Contains(job, await (await SendAsync(HttpMethod.Get, "/jobs", mine)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var forged in new[] { null, "visitor=visitor:00000000000000000000000000000000", mine[..^4] + "AAAA" })
        {
            using var list = await SendAsync(HttpMethod.Get, "/jobs", forged);
            Assert.Equal(HttpStatusCode.OK, list.StatusCode);
            Assert.DoesNotContain(job, await list.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            using var refused = await SendAsync(HttpMethod.Delete, $"/jobs/{job}", forged);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        using var again = await first.Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
        Assert.False(again.Headers.Contains("Set-Cookie"), "A visitor who is known needs no other cookie.");
        using var deleted = await SendAsync(HttpMethod.Delete, $"/jobs/{job}", mine);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var publish = await first.Client.PostAsync("/streams/news", new StringContent("x"));
        Assert.Equal(HttpStatusCode.Forbidden, publish.StatusCode);
    }

    [Fact]
    public async Task In_Development_all_callers_without_credentials_are_one()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var api = await ApiProcess.StartAsync(
            server.ConnectionString,
            new Dictionary<string, string>(_settings) { ["Access__Open"] = "", ["ASPNETCORE_ENVIRONMENT"] = "Development" }
        );
        using var submit = await api.Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
        Assert.False(submit.Headers.Contains("Set-Cookie"));
        var job = (await submit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        using var other = new HttpClient { BaseAddress = api.Client.BaseAddress };
        Assert.Contains(job, await other.GetStringAsync("/jobs"), StringComparison.Ordinal);
        using var publish = await other.PostAsync("/streams/news", new StringContent("x"));
        Assert.Equal(HttpStatusCode.Accepted, publish.StatusCode);
        using var delete = await other.DeleteAsync($"/jobs/{job}");
        Assert.Equal(HttpStatusCode.NoContent, delete.StatusCode);
    }
}
