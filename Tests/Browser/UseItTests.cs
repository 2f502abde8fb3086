using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The page for developers: what it says is enough, and all of it works as it stands there.</summary>
[Collection(BrowserCollection.Name)]
public sealed class UseItTests(BrowserApp app, Chromium chromium)
{
    [Fact]
    public async Task A_page_of_one_s_own_works_by_what_this_page_says()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/use");
        var page = await window.ReadAsync("own-page");
        Assert.True(page.Split('\n').Length <= 20, "The example has more than 20 lines.");
        var download = await window.Page.RunAndWaitForDownloadAsync(() =>
            window.Page.Locator(".steps").GetByRole(AriaRole.Link, new() { Name = "event-stream.js" }).ClickAsync()
        );
        var module = await File.ReadAllTextAsync(await download.PathAsync());

        // Somebody else's server, of another origin.
        await using var own = await ServeAsync(page, module);
        await using var visitor = await chromium.OpenAsync(new Uri(own.Urls.Single()));
        await visitor.Page.GotoAsync("/");
        await visitor.WaitForTextAsync("state", "open");

        foreach (
            var (block, program, arguments, city) in new[]
            {
                ("curl", "bash", (string[])["-c"], "Berlin"),
                ("javascript", "node", ["--input-type=module", "-e"], "Lima"),
                ("python", "python3", ["-c"], "Accra"),
            }
        )
        {
            if (Requirement.FindProgram(program) is null)
                continue;
            var text = await window.ReadAsync(block);
            await RunAsync(program, [.. arguments, text]);
            await RunAsync(program, [.. arguments, text]);
            // Published twice with one key: it is there once.
            await Assertions.Expect(visitor.Page.Locator("#list li", new() { HasText = city })).ToHaveCountAsync(1);
        }

        await visitor.Page.ReloadAsync();
        await Assertions.Expect(visitor.Page.Locator("#list li", new() { HasText = "Berlin: 21.5 °C" })).ToHaveCountAsync(1);
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task The_example_shows_what_is_published_and_what_came_while_it_was_away()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/use");
        await window.WaitForTextAsync("state", "open");
        await window.PressAsync("Publish");
        await window.WaitForTextAsync("received", "1");
        await window.PressAsync("Disconnect");
        await window.WaitForTextAsync("state", "closed");
        await window.Page.GetByLabel("Type").FillAsync("storm");
        await window.PressAsync("Publish");
        await window.PressAsync("Publish");
        await window.PressAsync("Connect again");
        await window.WaitForTextAsync("received", "3");
        await Assertions.Expect(window.Page.Locator("#events div")).ToContainTextAsync(["1  temperature", "2  storm", "3  storm"]);
        Assert.Equal("0", await window.ReadAsync("missing"));
        Assert.Equal("0", await window.ReadAsync("duplicated"));
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task A_text_is_copied_by_its_button()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.Context.GrantPermissionsAsync(
            ["clipboard-read", "clipboard-write"],
            new() { Origin = app.Web.GetLeftPart(UriPartial.Authority) }
        );
        await window.Page.GotoAsync("/use");
        await window.WaitForTextAsync("state", "open");
        await window.PressAsync("Copy: Python");
        await window.UntilAsync("navigator.clipboard.readText().then(text => text === document.getElementById('python').textContent)");
    }

    private static async Task<WebApplication> ServeAsync(string page, string module)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var own = builder.Build();
        own.MapGet("/", () => Results.Content(page, "text/html"));
        own.MapGet("/event-stream.js", () => Results.Content(module, "text/javascript"));
        own.MapGet("/favicon.ico", () => Results.NoContent());
        await own.StartAsync();
        return own;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
        )!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        await output;
        Assert.True(process.ExitCode == 0, await errors);
    }
}
