using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>Serves a folder's files, and playlists that a test writes, on two addresses of this machine: one that may be a source, and one
/// that may not.</summary>
internal sealed class PlaylistServer : IAsyncDisposable
{
    public const string Allowed = "127.0.0.1";
    public const string Forbidden = "127.0.0.2";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _forbidden = new();

    private PlaylistServer(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{Allowed}:0", $"http://{Forbidden}:0");
        _app = builder.Build();
        _app.MapGet("/away/{name}", (string name) => Results.Redirect($"{ForbiddenAddress}{name}"));
        _app.MapGet(
            "/redirected",
            (HttpContext context) =>
            {
                context.Response.StatusCode = StatusCodes.Status302Found;
                context.Response.Headers.Location = RedirectsTo;
            }
        );
        _app.MapGet(
            "/drip-media",
            async (HttpContext context) =>
            {
                await context.Response.Body.WriteAsync("RIFF\0\0\0\u0001WAVE"u8.ToArray(), context.RequestAborted);
                await DripAsync(context);
            }
        );
        _app.MapGet("/drip", DripAsync);
        _app.MapGet(
            "/{name}",
            (string name, HttpContext context) =>
            {
                if (context.Request.Host.Host != Allowed)
                    _forbidden.Enqueue(name);
                if (Playlists.TryGetValue(name, out var text))
                    return Results.Text(text, "application/vnd.apple.mpegurl");
                var path = Path.Combine(folder, name);
                return File.Exists(path) ? Results.File(path, "video/mp2t", enableRangeProcessing: true) : Results.NotFound();
            }
        );
    }

    /// <summary>Where <c>/redirected</c> leads.</summary>
    public string RedirectsTo { get; set; } = "";

    public ConcurrentDictionary<string, string> Playlists { get; } = new();

    public Uri Address => new(_app.Urls.Single(u => u.Contains(Allowed, StringComparison.Ordinal)) + "/");

    public Uri ForbiddenAddress => new(_app.Urls.Single(u => u.Contains(Forbidden, StringComparison.Ordinal)) + "/");

    /// <summary>What was asked for at the address that may not be asked.</summary>
    public IReadOnlyCollection<string> ForbiddenRequests => [.. _forbidden];

    public static async Task<PlaylistServer> StartAsync(string folder)
    {
        var server = new PlaylistServer(folder);
        await server._app.StartAsync();
        return server;
    }

    private static async Task DripAsync(HttpContext context)
    {
        while (true)
        {
            await context.Response.Body.WriteAsync(new byte[1], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(100, context.RequestAborted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
