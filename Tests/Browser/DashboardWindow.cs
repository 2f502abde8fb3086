using Microsoft.Playwright;

namespace Tests.Browser;

/// <summary>Somebody who looks at the dashboard.</summary>
internal sealed class DashboardWindow : IAsyncDisposable
{
    private readonly Window _window;

    private DashboardWindow(Window window) => _window = window;

    public IPage Page => _window.Page;

    public IReadOnlyCollection<string> Complaints => _window.Complaints;

    /// <summary>Logs in by the printed address.</summary>
    public static async Task<DashboardWindow> OpenAsync(Chromium chromium, DashboardApp app)
    {
        var window = await chromium.OpenAsync(new Uri(app.Login, "/"));
        await window.Page.GotoAsync(app.Login.ToString());
        return new(window);
    }

    /// <summary>Opens a page and waits until it is alive.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await Assertions.Expect(Page.Locator(".shell[data-live=true]")).ToBeVisibleAsync();
    }

    /// <summary>Gives a command to a replica.</summary>
    public Task CommandAsync(string replica, string command) => Page.Locator($"tr[data-replica={replica}] fluent-button.command-{command}").ClickAsync();

    /// <summary>Saves the page as it looks on each screen, and fails where one is too narrow for it or somebody could not use it.</summary>
    public async Task JudgeAsync(string name)
    {
        foreach (var look in Look.All)
        {
            await _window.ChangeAsync(look);
            await _window.SaveScreenAsync($"dashboard-{name}");
            Assert.True(await _window.EvaluateAsync<bool>($"document.documentElement.scrollWidth <= {look.Width}"), $"{name} is wider than {look.Name}");
            // Each scheme and each width once.
            if (look.Name is "desktop-light" or "phone-dark")
                await _window.AssertAccessibleAsync();
        }
        await _window.ChangeAsync(Look.All[0]);
    }

    public ValueTask DisposeAsync() => _window.DisposeAsync();
}
