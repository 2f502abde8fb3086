using System.Diagnostics;
using System.Text.RegularExpressions;
using Tests.Fixtures;

namespace Tests.Clients;

/// <summary>nginx before the replicas, with the lines that docs/operations.md shows; it serves the clients' pages as well, and counts who
/// connects.</summary>
internal sealed partial class NginxServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly Process _process;

    private NginxServer(Process process, TemporaryFolder folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    public static async Task<NginxServer> StartAsync(int port, IEnumerable<int> replicas, string pages)
    {
        var program = Requirement.FindProgram("nginx") ?? throw Requirement.Missing("nginx is needed: apt install nginx-light.");
        var document = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Path, "docs", "operations.md"));
        var lines = NginxBlock().Match(document).Groups["lines"].Value;
        Assert.Contains("@away", lines, StringComparison.Ordinal);
        var folder = new TemporaryFolder();
        var counted = $"access_log {folder["clients.log"]} clients;";
        string[] temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        await File.WriteAllTextAsync(
            folder["nginx.conf"],
            $$"""
            {{(Environment.UserName == "root" ? "user root;" : "")}} daemon off; worker_processes 1;
            pid {{folder["pid"]}}; error_log {{folder["error.log"]}};
            events { worker_connections 1024; }
            http {
                types { text/html html; text/javascript js; }
                log_format clients '$arg_client';
                {{string.Join('\n', temporary.Select(name => $"{name}_temp_path {folder[name]};"))}}
                upstream api { {{string.Concat(replicas.Select(replica => $"server 127.0.0.1:{replica} max_fails=0; "))}} }
                server {
                    listen 127.0.0.1:{{port}};
                    access_log off;
                    root {{pages}};
                    {{lines.Replace("proxy_http_version", counted + " proxy_http_version", StringComparison.Ordinal)
                        .Replace("default_type", counted + " default_type", StringComparison.Ordinal)}}
                }
            }
            """
        );
        string[] arguments = ["-p", folder.Path, "-e", folder["error.log"], "-c", folder["nginx.conf"]];
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var nginx = new NginxServer(process, folder, port);
        try
        {
            await nginx.WaitUntilReadyAsync();
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        using var http = new HttpClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                Assert.False(_process.HasExited, "nginx has ended.");
                try
                {
                    using var answer = await http.GetAsync($"http://127.0.0.1:{Port}/module.html");
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "nginx answers"
        );
    }

    /// <summary>Connections that have ended so far, by client.</summary>
    public async Task<Dictionary<string, int>> CountConnectsAsync() =>
        !File.Exists(_folder["clients.log"])
            ? []
            : (await File.ReadAllLinesAsync(_folder["clients.log"]))
                .GroupBy(Uri.UnescapeDataString)
                .ToDictionary(lines => lines.Key, lines => lines.Count());

    public async ValueTask DisposeAsync()
    {
        // Its worker ends with it.
        using var stop = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    [GeneratedRegex("```nginx\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex NginxBlock();
}
