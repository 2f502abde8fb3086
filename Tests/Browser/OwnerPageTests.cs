using Microsoft.Playwright;

namespace Tests.Browser;

/// <summary>What the owner of a job does on its page, and what other viewers see of it.</summary>
[Collection(BrowserCollection.Name)]
public sealed class OwnerPageTests(BrowserApp app, Chromium chromium)
{
    [Fact]
    public async Task A_line_is_corrected_in_place_and_every_viewer_sees_it_at_once()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(20));
        await using var editor = await OpenAsync(job);
        await using var viewer = await OpenAsync(job);
        await EditAsync(editor, 3);
        await editor.Page.Keyboard.TypeAsync("A corrected line");
        await editor.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(LineOf(editor, 3)).ToContainTextAsync("Line 3 of");

        await EditAsync(editor, 3);
        await editor.AssertAccessibleAsync();
        await editor.Page.Keyboard.TypeAsync("A corrected line");
        await editor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(LineOf(editor, 3)).ToHaveTextAsync("A corrected line");
        await Assertions.Expect(LineOf(viewer, 3)).ToHaveTextAsync("A corrected line");
        Assert.Contains("A corrected line", await DownloadAsync(editor, "VTT"), StringComparison.Ordinal);

        // Two correct the same line: the second is told, and corrects what the first has made of it.
        await EditAsync(viewer, 4);
        await EditAsync(editor, 4);
        await editor.Page.Keyboard.TypeAsync("First");
        await editor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(LineOf(editor, 4)).ToHaveTextAsync("First");
        await Assertions.Expect(LineOf(viewer, 4)).ToHaveTextAsync("First");
        await viewer.Page.ReloadAsync();
        await Assertions.Expect(LineOf(viewer, 4)).ToHaveTextAsync("First");
        Assert.Empty(editor.Complaints);
        Assert.Empty(viewer.Complaints);
    }

    [Fact]
    public async Task A_deleted_job_is_gone_for_everybody()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(3));
        await using var owner = await OpenAsync(job);
        await using var viewer = await OpenAsync(job);
        owner.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await owner.PressAsync("Delete");
        await owner.WaitForTextAsync("status", "deleted");
        await viewer.WaitForTextAsync("status", "deleted");
        await Assertions.Expect(owner.Page.Locator(".notice[data-for=deleted]")).ToBeVisibleAsync();
        await Assertions.Expect(owner.Page.Locator("#delete")).ToBeHiddenAsync();
        var again = await viewer.Page.ReloadAsync();
        Assert.Equal(404, again!.Status);
    }

    [Fact]
    public async Task A_job_is_deleted_from_the_list_after_a_question()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(3));
        await using var window = await chromium.OpenAsync(app.Web);
        var answer = false;
        window.Page.Dialog += async (_, dialog) => await (answer ? dialog.AcceptAsync() : dialog.DismissAsync());
        await window.Page.GotoAsync("/jobs");
        await window.UntilAsync("document.querySelector('.job-list[data-live=true]') !== null");
        var row = window.Page.Locator($"tr[data-job='{job}']");
        var delete = row.GetByRole(AriaRole.Button, new() { Name = "Delete" });
        await delete.ClickAsync();
        await Assertions.Expect(row).ToBeVisibleAsync();
        answer = true;
        await delete.ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);
        await Assertions.Expect(window.Page.Locator(".job-list > [role=status]")).ToContainTextAsync("was deleted");
        await Assertions.Expect(window.Page.Locator(".job-list")).ToBeFocusedAsync();
    }

    private async Task<Window> OpenAsync(string job)
    {
        var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync($"/jobs/{job}");
        await window.WaitForTextAsync("status", "completed");
        await Assertions.Expect(window.Page.Locator("#transcript [role=listitem]").Nth(2)).ToBeVisibleAsync();
        return window;
    }

    private static ILocator LineOf(Window window, int line) =>
        window.Page.Locator("#transcript [role=listitem]").Nth(line).Locator(".line span");

    private static async Task EditAsync(Window window, int line)
    {
        var row = window.Page.Locator("#transcript [role=listitem]").Nth(line);
        await row.ScrollIntoViewIfNeededAsync();
        await row.HoverAsync();
        await row.GetByText("Edit", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(row.Locator("textarea")).ToBeFocusedAsync();
    }

    private static async Task<string> DownloadAsync(Window window, string format)
    {
        var download = await window.Page.RunAndWaitForDownloadAsync(() =>
            window.Page.GetByRole(AriaRole.Link, new() { Name = format }).ClickAsync()
        );
        return await File.ReadAllTextAsync(await download.PathAsync());
    }
}
