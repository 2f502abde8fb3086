using System.Net;
using Aspire.Hosting.Testing;
using LocalHosting.Inspection;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Integration.Hosting.Dashboards;

/// <summary>Who gets in.</summary>
public sealed class DashboardAccessTests
{
    [Fact]
    public async Task Only_who_shows_the_token_sees_a_page()
    {
        await using var dashboard = await RunningDashboard.StartAsync();
        var login = dashboard.Server.LoginAddress;
        using var visitor = Visitor(login);

        using var stranger = await visitor.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, stranger.StatusCode);
        Assert.Equal("/login", stranger.Headers.Location!.AbsolutePath);

        using var wrong = await visitor.GetAsync("/login?t=another-token");
        Assert.Equal(HttpStatusCode.OK, wrong.StatusCode);
        Assert.False(wrong.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(c => c.StartsWith("aspiresse-dashboard", StringComparison.Ordinal)));

        using var right = await visitor.GetAsync(login + "&returnUrl=//elsewhere.example");
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
        Assert.Equal(new Uri(login, "/"), new Uri(login, right.Headers.Location!));
        using var page = await visitor.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("_framework/blazor.web.js", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var script = await visitor.GetAsync("/_framework/blazor.web.js");
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);

        // A page of another port of this machine is the same site to a browser, so the cookie would come along.
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Origin", "http://localhost:1" } } };
        using var refused = await visitor.SendAsync(foreign);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "dashboard.example" } };
        using var unknown = await visitor.SendAsync(rebound);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task Under_test_there_is_no_dashboard_unless_it_is_asked_for()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();

        Assert.Null(app.Services.GetRequiredService<DashboardHost>().Server);
    }

    private static HttpClient Visitor(Uri address) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(address, "/") };
}
