using System.Diagnostics;
using System.Text.Json;
using Tests.Browser;
using Tests.Fixtures;

namespace Tests.Clients;

/// <summary>All clients, each following the same stream: those for browsers in pages of their own, in Chromium, and those for Node in one
/// process.</summary>
internal sealed class ClientCrowd : IAsyncDisposable
{
    /// <summary>The clients, and the page that each has; null for Node.</summary>
    public static readonly (string Name, string? Page)[] All =
    [
        ("EventSource", "module"),
        ("event-stream.js", "module"),
        ("reconnecting-eventsource", "module"),
        ("sse.js", "module"),
        ("fetch-event-source", "module"),
        ("event-source-plus", "module"),
        ("htmx 2", "htmx2"),
        ("htmx 4", "htmx4"),
        ("eventsource", null),
        ("eventsource-parser", null),
    ];

    private readonly List<(string Name, Window Window)> _windows = [];
    private readonly Process _node;

    private ClientCrowd(Process node) => _node = node;

    public static async Task<ClientCrowd> StartAsync(Chromium chromium, int port, string path, string folder)
    {
        var node = Process.Start(
            new ProcessStartInfo("node", [Path.Combine(folder, "node.js"), $"http://127.0.0.1:{port}{path}?client=CLIENT"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        var crowd = new ClientCrowd(node);
        for (var i = 0; i < All.Length; i++)
        {
            if (All[i] is not { Page: { } page, Name: var name })
                continue;
            // An origin of its own, so that no client waits for a connection that another one has.
            var window = await chromium.OpenAsync(new Uri($"http://client{i}.localhost:{port}"));
            var client = Uri.EscapeDataString(name);
            await window.Page.GotoAsync($"/{page}.html?client={client}&stream={Uri.EscapeDataString($"{path}?client={client}")}");
            crowd._windows.Add((name, window));
        }
        return crowd;
    }

    /// <summary>What each client has handed over so far.</summary>
    public async Task<FollowingClient[]> ReportAsync()
    {
        var reports = new List<FollowingClient>();
        foreach (var (name, window) in _windows)
            reports.Add(Of(name, JsonDocument.Parse(await window.EvaluateAsync<string>("JSON.stringify({ seen, notices })")).RootElement));
        await _node.StandardInput.WriteLineAsync("report");
        var line = await _node.StandardOutput.ReadLineAsync().WaitAsync(Eventually.DefaultLimit);
        foreach (var property in JsonDocument.Parse(line!).RootElement.EnumerateObject())
            reports.Add(Of(property.Name, property.Value));
        return [.. reports];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, window) in _windows)
            await window.DisposeAsync();
        _node.StandardInput.Close();
        await _node.WaitForExitAsync().WaitAsync(Eventually.DefaultLimit);
        _node.Dispose();
    }

    private static FollowingClient Of(string name, JsonElement report) =>
        FollowingClient.Of(name, Texts(report.GetProperty("seen")), Texts(report.GetProperty("notices")));

    private static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(item => item.GetString()!);
}
