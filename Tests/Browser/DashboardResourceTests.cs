using Microsoft.Playwright;

namespace Tests.Browser;

/// <summary>The pages that show the processes and what they print.</summary>
[Collection(DashboardCollection.Name)]
public sealed class DashboardResourceTests(DashboardApp app, Chromium chromium)
{
    [Fact]
    public async Task A_replica_is_killed_and_started_again_before_the_visitor_s_eyes()
    {
        var victim = (await app.ReplicasAsync("worker", 2))[0];
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        await window.GoAsync("/");
        var row = window.Page.Locator($"tr[data-replica={victim}]");
        await Assertions.Expect(row).ToContainTextAsync("Healthy");
        // Measured, not only listed.
        await Assertions.Expect(row.Locator("td").Nth(4)).ToContainTextAsync("MiB");
        var process = await row.Locator("td").Nth(2).TextContentAsync();

        await window.CommandAsync(victim, "kill");
        await Assertions.Expect(row).ToContainTextAsync("Exited, code 137");
        await Assertions.Expect(window.Page.Locator("tr.group", new() { HasText = "worker" })).ToContainTextAsync("1 of 2 healthy");

        await window.CommandAsync(victim, "start");
        await Assertions.Expect(row).ToContainTextAsync("Healthy");
        Assert.NotEqual(process, await row.Locator("td").Nth(2).TextContentAsync());
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task A_secret_leaves_the_server_only_when_somebody_asks_for_it()
    {
        var replica = (await app.ReplicasAsync("api", 3))[0];
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        await window.GoAsync($"/?id={replica}");
        var pane = window.Page.Locator(".pane");
        await Assertions.Expect(pane).ToContainTextAsync("ConnectionStrings__redis");
        Assert.DoesNotContain("password=", await window.Page.ContentAsync(), StringComparison.Ordinal);

        await pane.GetByLabel("show ConnectionStrings__redis").ClickAsync();
        await Assertions.Expect(pane).ToContainTextAsync("password=");

        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(pane).ToBeHiddenAsync();
    }

    [Fact]
    public async Task The_graph_says_who_needs_whom()
    {
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        await window.GoAsync("/?view=graph");
        await Assertions.Expect(window.Page.Locator(".graph .node")).ToHaveCountAsync(4);
        Assert.Equal(
            ["api: Reference, WaitFor of redis", "web: Reference, WaitFor of api", "worker: Reference, WaitFor of redis"],
            (await window.Page.Locator(".graph .edge title").AllTextContentsAsync()).Order(StringComparer.Ordinal));

        await window.Page.Locator(".graph a", new() { HasText = "redis" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator(".pane h2")).ToContainTextAsync("redis-");
    }

    [Fact]
    public async Task What_the_processes_print_comes_in_colour_as_it_is_printed()
    {
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        await window.GoAsync("/console?resource=worker");
        var lines = window.Page.Locator(".terminal .line");
        await Assertions.Expect(lines.First).ToBeVisibleAsync();

        var job = await app.SubmitAsync("fast");
        var ended = lines.Filter(new() { HasText = $"job {job} ended" });
        await Assertions.Expect(ended).ToBeVisibleAsync();
        await Assertions.Expect(ended.Locator(".ansi-2")).ToHaveTextAsync("info");
        await Assertions.Expect(ended.Locator(".who")).ToContainTextAsync("worker-");

        await window.Page.GetByLabel("Filter the lines").FillAsync(job);
        await Assertions.Expect(lines).ToHaveCountAsync(await lines.Filter(new() { HasText = job }).CountAsync());

        // Held, the page stands still while the processes go on.
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await app.SubmitAsync("fast");
        await Assertions.Expect(window.Page.Locator(".foot")).ToContainTextAsync("more since");

        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        var text = await File.ReadAllTextAsync(await download.PathAsync());
        Assert.Contains($"job {job} ended", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", text, StringComparison.Ordinal);
        Assert.Empty(window.Complaints);
    }
}
