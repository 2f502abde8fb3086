using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Tests.Fixtures;

namespace Tests.Integration;

/// <summary>
/// Web signs its users in at the issuer that the Api trusts, and calls the Api in their name; without an issuer its visitors are those of
/// the Api's cookie.
/// </summary>
public sealed class SignInTests(RedisServers servers)
{
    private const string Audience = "subtitles";

    private readonly string _prefix = RedisServers.CreateKeyPrefix();

    [Fact]
    public async Task A_user_signs_in_and_has_their_own_jobs_on_every_replica_of_Web()
    {
        await using var issuer = await TokenIssuer.StartAsync(Audience);
        var redis = (await servers.GetAsync(RedisServerKind.Redis)).ConnectionString;
        await using var api = await StartApiAsync(
            redis,
            new()
            {
                ["Access__Open"] = "",
                ["Access__Authority"] = issuer.Authority,
                ["Access__Audience"] = Audience,
            }
        );
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings__redis"] = redis,
            ["Access__Authority"] = issuer.Authority,
            ["Access__ClientId"] = "web",
            ["Access__ClientSecret"] = "a secret of both",
        };
        await using var web = await StartWebAsync(api, settings);
        await using var replica = await StartWebAsync(api, settings);

        using var stranger = Browser(web);
        using var refused = await SubmitAsync(stranger);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("Sign in", await stranger.GetStringAsync("/"), StringComparison.Ordinal);

        using var alice = Browser(web);
        var page = await alice.GetStringAsync("/sign-in?returnUrl=%2Fjobs");
        Assert.Contains("alice of the test", page, StringComparison.Ordinal);
        Assert.Contains("<h1>Jobs</h1>", page, StringComparison.Ordinal);
        using var submit = await SubmitAsync(alice);
        Assert.Equal(HttpStatusCode.Accepted, submit.StatusCode);
        var job = (await submit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        Assert.Contains(job, await alice.GetStringAsync("/jobs"), StringComparison.Ordinal);
        Assert.Contains("data-own", await alice.GetStringAsync($"/jobs/{job}"), StringComparison.Ordinal);
        // The same session at another replica, which has the keys from Redis.
        using var elsewhere = Browser(replica, _jars[alice].GetCookies(web.Client.BaseAddress!));
        Assert.Contains(job, await elsewhere.GetStringAsync("/jobs"), StringComparison.Ordinal);

        issuer.Subject = "bob";
        using var bob = Browser(web);
        Assert.DoesNotContain(job, await bob.GetStringAsync("/sign-in?returnUrl=%2Fjobs"), StringComparison.Ordinal);
        var shared = await bob.GetStringAsync($"/jobs/{job}");
        Assert.Contains($"data-job=\"{job}\"", shared, StringComparison.Ordinal);
        Assert.DoesNotContain("data-own", shared, StringComparison.Ordinal);
        using var delete = await bob.DeleteAsync($"/api/jobs/{job}");
        Assert.Equal(HttpStatusCode.Forbidden, delete.StatusCode);
        using var signOut = await alice.PostAsync("/sign-out", null);
        Assert.Equal(HttpStatusCode.BadRequest, signOut.StatusCode);
        using var away = await alice.GetAsync("/sign-in?returnUrl=https%3A%2F%2Felsewhere.example.com%2F");
        Assert.Equal(new Uri(web.Client.BaseAddress!, "/"), away.RequestMessage!.RequestUri);
    }

    [Fact]
    public async Task A_visitor_without_an_account_has_their_own_jobs_by_a_cookie_that_goes_through_Web()
    {
        var redis = (await servers.GetAsync(RedisServerKind.Redis)).ConnectionString;
        await using var api = await StartApiAsync(redis, []);
        await using var web = await StartWebAsync(api, []);
        using var first = Browser(web);
        using var second = Browser(web);
        var jobs = new List<string>();
        foreach (var visitor in new[] { first, second })
        {
            using var submit = await SubmitAsync(visitor);
            jobs.Add((await submit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
        }
        foreach (var (visitor, own, other) in new[] { (first, jobs[0], jobs[1]), (second, jobs[1], jobs[0]), (first, jobs[0], jobs[1]) })
        {
            var list = await visitor.GetStringAsync("/jobs");
            Assert.Contains(own, list, StringComparison.Ordinal);
            Assert.DoesNotContain(other, list, StringComparison.Ordinal);
            Assert.Contains("data-own", await visitor.GetStringAsync($"/jobs/{own}"), StringComparison.Ordinal);
            Assert.DoesNotContain("data-own", await visitor.GetStringAsync($"/jobs/{other}"), StringComparison.Ordinal);
        }
        using var answer = await first.GetAsync($"/api/jobs/{jobs[0]}");
        Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
    }

    private readonly Dictionary<HttpClient, CookieContainer> _jars = [];

    private Task<ApiProcess> StartApiAsync(string redis, Dictionary<string, string> settings) =>
        ApiProcess.StartAsync(
            redis,
            new Dictionary<string, string>(settings) { ["Jobs__KeyPrefix"] = _prefix, ["EventStreams__KeyPrefix"] = _prefix }
        );

    private static Task<ServiceProcess> StartWebAsync(ApiProcess api, Dictionary<string, string> settings)
    {
        var configuration = typeof(SignInTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var program = Path.Combine(RepositoryFolder.Path, "Web", "bin", configuration, "net10.0", "Web.dll");
        return ServiceProcess.StartAsync(
            program,
            Path.GetDirectoryName(program)!,
            new Dictionary<string, string>(settings) { ["services__api__http__0"] = api.Client.BaseAddress!.ToString().TrimEnd('/') }
        );
    }

    private HttpClient Browser(ServiceProcess web, params IEnumerable<Cookie> cookies)
    {
        var jar = new CookieContainer();
        foreach (var cookie in cookies)
            jar.Add(web.Client.BaseAddress!, new Cookie(cookie.Name, cookie.Value));
        var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = jar }) { BaseAddress = web.Client.BaseAddress };
        _jars[browser] = jar;
        return browser;
    }

    private static Task<HttpResponseMessage> SubmitAsync(HttpClient browser) =>
        browser.PostAsJsonAsync("/api/jobs", new { source = "sample:tour" });
}
