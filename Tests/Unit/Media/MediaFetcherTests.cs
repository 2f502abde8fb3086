using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Subtitles.Media;
using Tests.Fixtures;

namespace Tests.Unit.Media;

/// <summary>Fetches from a real server on loopback. A name that is public to the guard's first look leads there, as one does whose owner
/// changes what it points to.</summary>
public sealed class MediaFetcherTests : IAsyncLifetime
{
    private static readonly byte[] Wave = [.. "RIFF\0\0\0\0WAVEfmt "u8, .. new byte[2000]];

    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _server;

    public MediaFetcherTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapGet("/a.wav", () => Results.Bytes(Wave));
        _server.MapGet("/list", (string text) => Results.Text(text, "application/vnd.apple.mpegurl"));
        _server.MapGet("/page", () => Results.Text("<html>", "text/html"));
        _server.MapGet("/gone", () => Results.StatusCode(410));
        _server.MapGet("/busy", () => Results.StatusCode(503));
        _server.MapGet("/once", () => Results.Redirect("/a.wav"));
        _server.MapGet("/loop", () => Results.Redirect("/loop"));
        _server.MapGet("/away/{*target}", (string target) => Results.Redirect(target));
        _server.MapGet(
            "/endless",
            async (HttpContext context) =>
            {
                await context.Response.Body.WriteAsync(Wave);
                while (!context.RequestAborted.IsCancellationRequested)
                    await context.Response.Body.WriteAsync(new byte[65536], context.RequestAborted);
            }
        );
        _server.MapGet("/silent", (HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
    }

    private string Address => _server.Urls.First();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("/a.wav")]
    [InlineData("/once")]
    public async Task Stores_what_it_fetches(string path)
    {
        using var fetcher = Create(out var store);
        var name = (await fetcher.FetchAsync(new Uri(Address + path), default)).Name;
        Assert.EndsWith(".wav", name, StringComparison.Ordinal);
        Assert.Equal(Wave, await File.ReadAllBytesAsync(store.FindPath(name!)!));
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXTINF:2,\na.ts\n", true)]
    [InlineData("\uFEFF#EXTM3U\r\n#EXTINF:2,\r\na.ts\r\n#EXT-X-ENDLIST\r\n", false)]
    [InlineData("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n\n/list?text=%23EXTM3U%0A%23EXT-X-ENDLIST\n", false)]
    [InlineData("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/list?text=%23EXTM3U\n", true)]
    public async Task A_playlist_is_heard_from_where_it_is(string text, bool isLive)
    {
        using var fetcher = Create(out var store);
        var address = new Uri($"{Address}/list?text={Uri.EscapeDataString(text)}");
        Assert.Equal(new FetchedMedia(null, new Playlist(address, isLive)), await fetcher.FetchAsync(address, default));
        Assert.Empty(Directory.GetFiles(store.Folder));
    }

    [Theory]
    [InlineData("/gone", false)]
    [InlineData("/loop", false)]
    [InlineData("/busy", true)]
    public async Task Says_whether_another_try_may_help(string path, bool isTransient)
    {
        using var fetcher = Create(out _);
        var failure = await Assert.ThrowsAsync<MediaFetchException>(() => fetcher.FetchAsync(new Uri(Address + path), default));
        Assert.Equal(isTransient, failure.IsTransient);
    }

    [Fact]
    public async Task Refuses_what_is_no_media_or_too_much_of_it()
    {
        using var fetcher = Create(out var store, options => options.MaxUploadBytes = 100_000);
        await Assert.ThrowsAsync<UnsupportedMediaException>(() => fetcher.FetchAsync(new Uri(Address + "/page"), default));
        await Assert.ThrowsAsync<MediaTooLargeException>(() => fetcher.FetchAsync(new Uri(Address + "/endless"), default));
        Assert.Empty(Directory.GetFiles(store.Folder));
    }

    [Fact]
    public async Task Ends_at_its_time_limit_and_when_canceled()
    {
        using var fetcher = Create(out _, options => options.FetchTimeout = TimeSpan.FromMilliseconds(300));
        var failure = await Assert.ThrowsAsync<MediaFetchException>(() => fetcher.FetchAsync(new Uri(Address + "/silent"), default));
        Assert.True(failure.IsTransient);
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetcher.FetchAsync(new Uri(Address + "/silent"), canceled.Token));
    }

    [Fact]
    public async Task A_server_that_is_not_there_may_come_back()
    {
        using var fetcher = Create(out _);
        var address = Address;
        await _server.StopAsync();
        var failure = await Assert.ThrowsAsync<MediaFetchException>(() => fetcher.FetchAsync(new Uri(address + "/a.wav"), default));
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task Does_not_connect_to_a_private_address()
    {
        using var fetcher = Create(out _, options => options.AllowPrivateAddresses = false);
        await Assert.ThrowsAsync<SourceAddressException>(() => fetcher.FetchAsync(new Uri(Address + "/a.wav"), default));
    }

    [Fact]
    public async Task A_name_that_moves_to_a_private_address_is_refused_at_the_connect()
    {
        var options = Options.Create(new MediaOptions { Path = _folder["media"] });
        var lookups = 0;
        var guard = new SourceAddressGuard(
            options,
            (_, _) => Task.FromResult<IPAddress[]>([++lookups == 1 ? IPAddress.Parse("8.8.8.8") : IPAddress.Loopback])
        );
        var source = new Uri($"http://moving.example:{new Uri(Address).Port}/a.wav");
        await guard.CheckAsync(source, default);
        using var fetcher = new MediaFetcher(guard, new MediaIntake(new FolderMediaStore(options), options), options, TimeProvider.System);
        await Assert.ThrowsAsync<SourceAddressException>(() => fetcher.FetchAsync(source, default));
        Assert.Equal(2, lookups);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/a.wav")]
    [InlineData("http://user:secret@example.org/a.wav")]
    public async Task Does_not_follow_a_redirect_to_where_it_may_not_go(string target)
    {
        using var fetcher = Create(out _);
        await Assert.ThrowsAsync<SourceAddressException>(() => fetcher.FetchAsync(new Uri($"{Address}/away/{target}"), default));
    }

    private MediaFetcher Create(out FolderMediaStore store, Action<MediaOptions>? configure = null)
    {
        var value = new MediaOptions { Path = _folder["media"], AllowPrivateAddresses = true };
        configure?.Invoke(value);
        var options = Options.Create(value);
        store = new FolderMediaStore(options);
        return new MediaFetcher(new SourceAddressGuard(options), new MediaIntake(store, options), options, TimeProvider.System);
    }
}
