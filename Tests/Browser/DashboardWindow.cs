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
    public static async Task<DashboardWindow> OpenAsync(Chromium chromium, DashboardApp app, Look? look = null)
    {
        var window = await chromium.OpenAsync(new Uri(app.Login, "/"), look);
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

    public Task SaveScreenAsync(string name) => _window.SaveScreenAsync($"dashboard-{name}");

    public Task AssertAccessibleAsync() => _window.AssertAccessibleAsync();

    public Task<bool> IsNoWiderThanItsScreenAsync(Look look) => Page.EvaluateAsync<bool>($"document.documentElement.scrollWidth <= {look.Width}");

    public ValueTask DisposeAsync() => _window.DisposeAsync();
}
