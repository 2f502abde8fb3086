using Benchmarks.Load;

namespace Benchmarks.History;

/// <summary>nginx in front of replicas, as docs/operations.md shows it, with its cache on or off.</summary>
internal sealed class CachingProxy : IDisposable
{
    private readonly ServerProcess _process;
    private readonly DirectoryInfo _folder;

    private CachingProxy(ServerProcess process, DirectoryInfo folder) => (_process, _folder) = (process, folder);

    public Uri Address => new($"http://127.0.0.1:{_process.Port}");

    public static async Task<CachingProxy> StartAsync(IEnumerable<Uri> replicas, bool isCached)
    {
        var folder = Directory.CreateTempSubdirectory("history-proxy-");
        // The workers of an nginx that root starts are another user's.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                folder.FullName,
                UnixFileMode.UserRead
                    | UnixFileMode.UserWrite
                    | UnixFileMode.UserExecute
                    | UnixFileMode.OtherRead
                    | UnixFileMode.OtherExecute
            );
        var port = ServerProcess.FreePort();
        var file = Path.Combine(folder.FullName, "nginx.conf");
        var cache = isCached
            ? "proxy_cache history; proxy_cache_lock on; proxy_cache_use_stale updating; proxy_cache_background_update on;"
            : "";
        await File.WriteAllTextAsync(
            file,
            $$"""
            daemon off;
            pid {{folder.FullName}}/nginx.pid;
            error_log stderr error;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path {{folder.FullName}}/body;
                proxy_temp_path {{folder.FullName}}/proxy;
                fastcgi_temp_path {{folder.FullName}}/fastcgi;
                uwsgi_temp_path {{folder.FullName}}/uwsgi;
                scgi_temp_path {{folder.FullName}}/scgi;
                keepalive_requests 1000000;
                proxy_cache_path {{folder.FullName}}/cache keys_zone=history:10m max_size=100m inactive=1h;
                upstream api { {{string.Concat(replicas.Select(replica => $"server {replica.Authority}; "))}}keepalive 32; }
                server {
                    listen 127.0.0.1:{{port}};
                    location ~ ^/streams/[^/]+/events$ {
                        proxy_pass http://api;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        {{cache}}
                    }
                }
            }
            """
        );
        return new CachingProxy(await ServerProcess.StartAsync("nginx", ["-c", file, "-p", folder.FullName], port), folder);
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
