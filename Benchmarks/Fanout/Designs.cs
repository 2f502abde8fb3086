using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Benchmarks.Load;

namespace Benchmarks.Fanout;

/// <summary>This project: the Api as it is shipped.</summary>
/// <param name="topics">How many topics each stream is over: the one that is asked for, and those that have a number from 1 behind
/// it.</param>
/// <param name="settings">Settings of the replicas beside its own, as environment variables.</param>
internal sealed class EventStreamsDesign(int topics = 1, IReadOnlyDictionary<string, string>? settings = null) : Design("eventstreams")
{
    // At least sixteen characters, as the Api demands.
    private const string Key = "benchmark-publisher-key";

    protected override Task<ServerProcess> StartReplicaAsync(RedisUnderTest redis, int port, string replica)
    {
        var environment = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["ConnectionStrings__redis"] = redis.ConnectionString,
            ["Access__ApiKeys__0__Key"] = Key,
            ["Access__ApiKeys__0__Subject"] = "benchmark",
            ["Access__ApiKeys__0__Rights__0"] = "publish",
            // Its readers come without credentials.
            ["Access__Open"] = "true",
            ["Limits__PublishesPerSecond"] = "0",
            ["EventStreams__ReplicaId"] = replica,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        return ServerProcess.StartAsync("dotnet", [ApiFile.Path, "--contentRoot", Path.GetDirectoryName(ApiFile.Path)!], port, environment);
    }

    protected override string StreamPath(string topic) =>
        topics == 1
            ? base.StreamPath(topic)
            : $"/streams?topic={topic}{string.Concat(Enumerable.Range(1, topics - 1).Select(i => $"&topic={topic}{i}"))}";

    protected override string PublishPath(string topic) => $"/streams/{topic}?event=message";

    protected override void Authorise(HttpRequestMessage request) => request.Headers.Add("X-Api-Key", Key);
}

/// <summary><c>TypedResults.ServerSentEvents</c> over a subscription for each client.</summary>
internal sealed class NaiveDesign() : Design("naive")
{
    protected override Task<ServerProcess> StartReplicaAsync(RedisUnderTest redis, int port, string replica) =>
        StartRoleAsync("naive", redis, port);
}

/// <summary>SignalR with the Redis backplane, Server-Sent Events transport.</summary>
internal sealed class SignalRDesign() : Design("signalr")
{
    protected override Task<ServerProcess> StartReplicaAsync(RedisUnderTest redis, int port, string replica) =>
        StartRoleAsync("signalr", redis, port);

    // SignalR's own way in: negotiate, open the stream, and send the handshake beside it. The handshake waits for the stream, so it goes
    // out on its own.
    public override async Task<List<(IPEndPoint Server, string Request)>> PrepareAsync(IReadOnlyList<string> topics)
    {
        using var http = new HttpClient();
        var requests = new (IPEndPoint, string)[topics.Count];
        await Parallel.ForAsync(
            0,
            topics.Count,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, cancellation) =>
            {
                var server = Replicas[i % Replicas.Count];
                var hub = $"http://127.0.0.1:{server.Port}/hub?topic={topics[i]}";
                using var response = await http.PostAsync(
                    $"http://127.0.0.1:{server.Port}/hub/negotiate?negotiateVersion=1&topic={topics[i]}",
                    null,
                    cancellation
                );
                var token = (await response.Content.ReadFromJsonAsync<JsonElement>(cancellation))
                    .GetProperty("connectionToken")
                    .GetString();
                requests[i] = (server.EndPoint, Get($"/hub?topic={topics[i]}&id={token}"));
                _ = HandshakeAsync($"{hub}&id={token}");
            }
        );
        return [.. requests];
    }

    private static readonly HttpClient Handshakes = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 });

    private static async Task HandshakeAsync(string address)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            using var content = new StringContent("{\"protocol\":\"json\",\"version\":1}\u001e", Encoding.UTF8);
            using var response = await Handshakes.PostAsync(address, content);
            if (response.IsSuccessStatusCode)
                return;
            await Task.Delay(50);
        }
    }
}

/// <summary>nchan, a C module of nginx, with its Redis engine; where both are installed.</summary>
internal sealed class NchanDesign() : Design("nchan")
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nchan-");

    private const string Module = "/usr/lib/nginx/modules/ngx_nchan_module.so";

    public static bool IsInstalled => File.Exists(Module) && File.Exists("/usr/sbin/nginx");

    protected override string StreamPath(string topic) => $"/sub/{topic}";

    protected override string PublishPath(string topic) => $"/pub/{topic}";

    protected override async Task<ServerProcess> StartReplicaAsync(RedisUnderTest redis, int port, string replica)
    {
        var folder = _folder.CreateSubdirectory(replica);
        var configuration = Path.Combine(folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                load_module {{Module}};
                daemon off; master_process off; worker_processes 1;
                pid {{folder.FullName}}/pid; error_log {{folder.FullName}}/error.log error;
                events { worker_connections 40000; multi_accept on; }
                http {
                  access_log off; client_body_temp_path {{folder.FullName}}/body;
                  upstream redis { nchan_redis_server redis://127.0.0.1:{{redis.Port}}; }
                  server {
                    listen 127.0.0.1:{{port}} backlog=4096;
                    location ~ /pub/(.+)$ {
                      nchan_publisher; nchan_channel_id $1; nchan_redis_pass redis; nchan_message_buffer_length 1000;
                    }
                    location ~ /sub/(.+)$ {
                      nchan_subscriber eventsource; nchan_channel_id $1; nchan_redis_pass redis;
                      nchan_subscriber_first_message newest;
                    }
                  }
                }
                """
            )
        );
        return await ServerProcess.StartAsync("/usr/sbin/nginx", ["-p", folder.FullName, "-c", configuration], port);
    }
}
