using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>One viewer: a page with storage and cookies of its own. It remembers what the browser complained about.</summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private Look _look;

    public Window(IBrowserContext context, IPage page, Look look)
    {
        (_context, Page, _look) = (context, page, look);
        context.SetDefaultTimeout((float)Eventually.DefaultLimit.TotalMilliseconds);
        Assertions.SetDefaultExpectTimeout((float)Eventually.DefaultLimit.TotalMilliseconds);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => _complaints.Enqueue("uncaught: " + error);
    }

    public IPage Page { get; }

    /// <summary>What the browser said of errors and warnings so far.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Presses a button, as soon as it can be pressed.</summary>
    public Task PressAsync(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    /// <summary>The text of an element of a job's page.</summary>
    public async Task<string> ReadAsync(string id) => (await Page.Locator("#" + id).TextContentAsync())!.Trim();

    /// <summary>Evaluates an expression in the page. Playwright itself would wait for its answer forever.</summary>
    public Task<T> EvaluateAsync<T>(string expression, object? argument = null) =>
        Page.EvaluateAsync<T>(expression, argument).WaitAsync(Eventually.DefaultLimit);

    /// <inheritdoc cref="EvaluateAsync{T}"/>
    public Task EvaluateAsync(string expression) => Page.EvaluateAsync(expression).WaitAsync(Eventually.DefaultLimit);

    /// <summary>Waits until an expression is true. Not Playwright's own wait, which needs what the pages' content security policy
    /// forbids.</summary>
    public Task UntilAsync(string expression) => Eventually.HoldsAsync(() => EvaluateAsync<bool>(expression), expression);

    /// <summary>Waits until an element shows a text.</summary>
    public Task WaitForTextAsync(string id, string text) =>
        Assertions
            .Expect(Page.Locator("#" + id))
            .ToHaveTextAsync(text, new() { Timeout = (float)TimeSpan.FromMinutes(2).TotalMilliseconds });

    /// <summary>Fails on whatever makes the page harder to use for somebody, by the rules of axe, of any impact.</summary>
    public async Task AssertAccessibleAsync()
    {
        var result = await Page.RunAxe().WaitAsync(Eventually.DefaultLimit);
        var found =
            from violation in result.Violations
            from node in violation.Nodes
            select $"{violation.Id} ({violation.Impact}): "
                + $"{string.Join(' ', node.Any.Concat(node.All).Concat(node.None).Select(check => check.Message))} {node.Html}";
        Assert.True(!found.Any(), string.Join('\n', found));
    }

    /// <summary>Looks at the same page on another screen.</summary>
    public async Task ChangeAsync(Look look)
    {
        _look = look;
        await Page.SetViewportSizeAsync(look.Width, look.Height);
        await Page.EmulateMediaAsync(new() { ColorScheme = look.Scheme });
    }

    /// <summary>Saves what the viewer sees, for people to judge.</summary>
    /// <param name="name">The file's name, to which the look's is added.</param>
    /// <param name="fullPage">The whole page, or only what the window shows of it.</param>
    public async Task SaveScreenAsync(string name, bool fullPage = true)
    {
        var path = Path.Combine(RepositoryFolder.Path, "TestResults", "screens", $"{name}-{_look.Name}.png");
        await Page.ScreenshotAsync(new() { Path = path, FullPage = fullPage });
    }

    /// <summary>Opens another tab of the same viewer, with the same storage; it is closed with this window at the latest.</summary>
    public async Task<Window> OpenTabAsync() => new(_context, await _context.NewPageAsync().WaitAsync(Eventually.DefaultLimit), _look);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultLimit);
}
