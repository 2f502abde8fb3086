using System.Net;
using System.Text;
using Benchmarks.Load;

namespace Benchmarks.Fanout;

/// <summary>A way to bring events to browsers: replicas behind one Redis, opened and published to in its own manner.</summary>
internal abstract class Design(string name) : IDisposable
{
    private readonly List<ServerProcess> _replicas = [];

    // One connection for each post under way; the publisher is to cost the same for every design.
    private readonly HttpClient _publisher = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 });

    public string Name => name;

    public IReadOnlyList<ServerProcess> Replicas => _replicas;

    public double ProcessorSeconds => _replicas.Sum(replica => replica.ProcessorSeconds());

    public long ResidentBytes => _replicas.Sum(replica => replica.ResidentBytes());

    /// <summary>The same when the crowd has long come, and each design has had time to tidy up.</summary>
    public async Task<long> ResidentBytesAtRestAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(8));
        return ResidentBytes;
    }

    /// <summary>Starts the replicas.</summary>
    public async Task StartAsync(RedisUnderTest redis, int replicas)
    {
        for (var i = 0; i < replicas; i++)
            _replicas.Add(await StartReplicaAsync(redis, ServerProcess.FreePort(), $"{name}-{i + 1}"));
    }

    /// <summary>The requests that open one stream of each topic in the list, spread over the replicas.</summary>
    public virtual Task<List<(IPEndPoint Server, string Request)>> PrepareAsync(IReadOnlyList<string> topics) =>
        Task.FromResult(topics.Select((topic, i) => (_replicas[i % _replicas.Count].EndPoint, Get(StreamPath(topic)))).ToList());

    /// <summary>Where a topic's stream is at some replica.</summary>
    public Uri StreamAddress(string topic) =>
        new($"http://127.0.0.1:{_replicas[Random.Shared.Next(_replicas.Count)].Port}{StreamPath(topic)}");

    /// <summary>The request that publishes one event, to whoever listens on a port.</summary>
    public HttpRequestMessage PublishRequest(int port, string topic, string payload)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}{PublishPath(topic)}")
        {
            Content = new StringContent(payload, Encoding.UTF8, "text/plain"),
        };
        Authorise(request);
        return request;
    }

    /// <summary>Publishes one event through the first replica.</summary>
    public async Task PublishAsync(string topic, string payload)
    {
        using var request = PublishRequest(_replicas[0].Port, topic, payload);
        using var response = await _publisher.SendAsync(request);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(
                $"{name} answered {(int)response.StatusCode} to a publish: {await response.Content.ReadAsStringAsync()}"
            );
    }

    public void Dispose()
    {
        foreach (var replica in _replicas)
            replica.Dispose();
        _publisher.Dispose();
    }

    protected abstract Task<ServerProcess> StartReplicaAsync(RedisUnderTest redis, int port, string replica);

    protected virtual string StreamPath(string topic) => $"/streams/{topic}";

    protected virtual string PublishPath(string topic) => $"/streams/{topic}";

    protected virtual void Authorise(HttpRequestMessage request) { }

    protected static string Get(string path) => $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";

    /// <summary>Starts this program again in the role of a replica.</summary>
    protected static Task<ServerProcess> StartRoleAsync(string role, RedisUnderTest redis, int port) =>
        ServerProcess.StartAsync(
            "dotnet",
            [typeof(Design).Assembly.Location, "replica", role],
            port,
            new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
                ["ConnectionStrings__redis"] = redis.ConnectionString,
            }
        );
}
