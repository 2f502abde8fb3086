using Benchmarks.Load;

namespace Benchmarks.Faults;

/// <summary>nginx before the replicas, with the lines that docs/operations.md shows.</summary>
internal sealed class FaultNginx : IDisposable
{
    public const string Program = "/usr/sbin/nginx";

    private static readonly string[] Temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fault-nginx-");
    private readonly int _port = ServerProcess.FreePort();
    private readonly IReadOnlyList<int> _replicas;
    private ServerProcess? _process;

    private FaultNginx(IReadOnlyList<int> replicas) => _replicas = replicas;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public static async Task<FaultNginx> StartAsync(IReadOnlyList<int> replicas)
    {
        var nginx = new FaultNginx(replicas);
        nginx.Configure(isBuffering: false);
        await nginx.LaunchAsync();
        return nginx;
    }

    /// <summary>Kills it without warning, and starts it again.</summary>
    public async Task RestartAsync()
    {
        _process!.Dispose();
        await LaunchAsync();
    }

    /// <summary>Has it read its configuration again, in which buffering is on or off: new connections go by it.</summary>
    public void Reload(bool isBuffering)
    {
        Configure(isBuffering);
        _process!.Send(ProcessSignal.Hangup);
    }

    public void Dispose()
    {
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private string FileOf(string name) => Path.Combine(_folder.FullName, name);

    private async Task LaunchAsync() =>
        _process = await ServerProcess.StartAsync(
            Program,
            ["-p", _folder.FullName, "-e", FileOf("error.log"), "-c", FileOf("nginx.conf")],
            _port
        );

    // As a worker of another user it could not write below the folder.
    private void Configure(bool isBuffering) =>
        File.WriteAllText(
            FileOf("nginx.conf"),
            $$"""
            {{(Environment.UserName == "root" ? "user root;" : "")}} daemon off; worker_processes 1; pid {{FileOf(
                "pid"
            )}}; error_log {{FileOf("error.log")}};
            events { worker_connections 4096; }
            http {
              access_log off;
              {{string.Join('\n', Temporary.Select(name => $"{name}_temp_path {FileOf(name)};"))}}
              upstream api { {{string.Concat(_replicas.Select(port => $"server 127.0.0.1:{port} max_fails=0; "))}} }
              server {
                listen 127.0.0.1:{{_port}};
                location / {
                  proxy_pass http://api;
                  proxy_http_version 1.1;
                  proxy_set_header Connection close;
                  proxy_buffering {{(isBuffering ? "on" : "off")}};
                  proxy_connect_timeout 2s;
                  proxy_read_timeout 60s;
                  error_page 502 503 504 = @away;
                }
                location @away {
                  default_type text/event-stream;
                  return 200 "retry: 500\nevent: stream.busy\ndata: {\"reason\":\"unavailable\",\"retry\":500}\n\n";
                }
              }
            }
            """
        );
}
