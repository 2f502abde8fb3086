using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Tests.Browser;

/// <summary>The pages that show what the services tell of themselves.</summary>
[Collection(DashboardCollection.Name)]
public sealed class DashboardTelemetryTests(DashboardApp app, Chromium chromium)
{
    [Fact]
    public async Task A_submitted_job_is_one_waterfall_from_the_page_down_to_every_replica_s_deliveries()
    {
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        await OpenJobTraceAsync(window);

        // Web forwards to Api, which queues; a worker runs the job and publishes; each replica delivers.
        var where = window.Page.Locator(".waterfall td.where");
        foreach (var process in (IEnumerable<string>)["web-", "worker-", .. await app.ReplicasAsync("api", 3)])
            await Assertions.Expect(where.Filter(new() { HasText = process }).First).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.Locator("tr[data-span='job.run']")).ToHaveCountAsync(1);

        var delivery = window.Page.Locator("tr", new() { HasText = $"deliver job:{app.Job}" }).First;
        await Assertions.Expect(delivery).ToContainTextAsync("link");
        await delivery.Locator("a").First.ClickAsync();
        var pane = window.Page.Locator(".pane");
        await Assertions.Expect(pane).ToContainTextAsync("eventstreams.streams");
        await pane.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("publish job:") }).First.ClickAsync();
        await Assertions.Expect(pane.GetByRole(AriaRole.Heading, new() { Name = "Linked from" })).ToBeVisibleAsync();

        var rows = window.Page.Locator(".waterfall tbody tr[data-span]");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Fold all" }).ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task Log_records_are_narrowed_down_and_lead_to_their_trace()
    {
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        var job = await app.SubmitAsync("fast");
        await window.GoAsync("/logs?resource=worker");
        var row = window.Page.Locator(".records tbody tr", new() { HasText = $"job {job} ended" });
        await Assertions.Expect(row).ToBeVisibleAsync();

        await row.Locator("a").First.ClickAsync();
        var pane = window.Page.Locator(".pane");
        await Assertions.Expect(pane).ToContainTextAsync("Worker.JobRunner");
        await pane.GetByLabel($"filter by JobId is {job}").ClickAsync();
        await Assertions.Expect(window.Page.Locator(".tool.filter")).ToContainTextAsync($"JobId is {job}");
        await Assertions.Expect(row).ToHaveCountAsync(1);

        await window.Page.GetByLabel("Level").SelectOptionAsync("error");
        await Assertions.Expect(row).ToHaveCountAsync(0);
        await window.Page.GetByLabel("Level").SelectOptionAsync("");

        await row.Locator(".mono a").ClickAsync();
        await Assertions.Expect(window.Page.Locator(".waterfall tr.chosen")).ToBeVisibleAsync();
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task A_histogram_has_a_chart_its_values_in_words_and_measurements_that_lead_to_traces()
    {
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        await window.GoAsync("/metrics?resource=api");
        await window.Page.GetByText("Microsoft.AspNetCore.Hosting").WaitForAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "http.server.request.duration" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator(".chart canvas")).ToBeVisibleAsync();

        var lines = window.Page.Locator(".lines tbody tr");
        await Assertions.Expect(lines.Filter(new() { HasText = "p90" })).ToContainTextAsync("s");
        await window.Page.GetByLabel("Divide by").SelectOptionAsync("process");
        await Assertions.Expect(lines.First).ToContainTextAsync("api-");

        await window.Page.Locator(".facts .links a").First.ClickAsync();
        await Assertions.Expect(window.Page.Locator(".waterfall tr.chosen")).ToBeVisibleAsync();
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task Every_page_looks_right_on_every_screen_and_is_accessible()
    {
        var replica = (await app.ReplicasAsync("api", 3))[0];
        await using var window = await DashboardWindow.OpenAsync(chromium, app);
        var pages = new (string Name, string Path, string Ready)[]
        {
            ("resources", "/", "tr[data-replica] .status.good"),
            ("resource-details", $"/?id={replica}", ".pane .values"),
            ("graph", "/?view=graph", ".graph .node"),
            ("console", "/console", ".terminal .line"),
            ("logs", "/logs", ".records tbody tr"),
            ("traces", "/traces", ".traces tbody tr"),
            ("metrics", "/metrics?resource=api&meter=Microsoft.AspNetCore.Hosting&instrument=http.server.request.duration", ".chart canvas"),
        };
        foreach (var (name, path, ready) in pages)
        {
            await window.GoAsync(path);
            await window.Page.Locator(ready).First.WaitForAsync();
            await window.JudgeAsync(name);
        }

        await OpenJobTraceAsync(window);
        await window.JudgeAsync("trace");
        await window.Page.Locator(".waterfall tbody a").First.ClickAsync();
        await window.Page.Locator(".pane .values").First.WaitForAsync();
        await window.JudgeAsync("span");
        Assert.Empty(window.Complaints);
    }

    private async Task OpenJobTraceAsync(DashboardWindow window)
    {
        await window.GoAsync($"/traces?filter={Uri.EscapeDataString($"subtitles.job.id|is|{app.Job}")}");
        await window.Page.Locator(".traces tbody a").First.ClickAsync();
        await Assertions.Expect(window.Page.Locator(".waterfall tbody tr[data-span]").First).ToBeVisibleAsync();
    }
}
