using Microsoft.Playwright;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>Takes the pictures of the README, which <c>scripts/take-pictures.sh</c> moves to where it shows them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PictureTests(BrowserApp app, Chromium chromium)
{
    [Theory]
    [InlineData("light", ColorScheme.Light)]
    [InlineData("dark", ColorScheme.Dark)]
    public async Task The_fan_out_page_shows_viewers_on_every_replica_and_events_on_their_way(string name, ColorScheme scheme)
    {
        await using var window = await chromium.OpenAsync(app.Web, new Look(name, 1280, 1000, scheme));
        await window.Page.GotoAsync("/fan-out?rate=10&viewers=24");
        await Assertions.Expect(window.Page.Locator("tr[data-viewer][data-state=open]")).ToHaveCountAsync(24);
        await Assertions.Expect(window.Page.Locator("li[data-replica][data-state=running]")).ToHaveCountAsync(3);
        await window.UntilAsync("Number(document.querySelector('#published').textContent) > 50");
        await window.UntilAsync("document.querySelector('.picture').picture.moving > 10");

        await window.SaveScreenAsync("readme-fan-out", fullPage: false);

        foreach (var sum in new[] { "all-missing", "all-duplicated", "all-out-of-order" })
            Assert.Equal("0", await window.ReadAsync(sum));
    }
}
