using EventStreams;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What every contract test of the event streams has: a server of one kind, and replicas that share a key prefix.</summary>
/// <param name="servers">The shared servers.</param>
/// <param name="kind">Which of them.</param>
/// <param name="isDirect">Whether streams are written straight to their sockets, or through the response's body writer.</param>
/// <param name="isMultiplexed">Whether streams are over several topics, of which one has ended; what holds for a stream of one topic must
/// hold for the other.</param>
public abstract class EventStreamsContract(RedisServers servers, RedisServerKind kind, bool isDirect, bool isMultiplexed = false)
    : IAsyncLifetime
{
    protected bool IsMultiplexed { get; } = isMultiplexed;

    private readonly List<Replica> _replicas = [];

    /// <summary>A topic of the test's own.</summary>
    protected Topic Topic { get; } = Topic.Parse("orders:" + Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Topics that a stream has beside its own.</summary>
    protected int TopicsBeside => IsMultiplexed ? 1 : 0;

    protected string KeyPrefix { get; } = RedisServers.CreateKeyPrefix();

    protected RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await servers.GetAsync(kind);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    /// <summary>Starts a replica that lives until the test's end.</summary>
    internal async Task<Replica> StartReplicaAsync(string name, Action<EventStreamsOptions>? configure = null)
    {
        var replica = await Replica.StartAsync(Server.ConnectionString, KeyPrefix, name, isDirect, configure);
        _replicas.Add(replica);
        if (IsMultiplexed)
        {
            var beside = Topic.Parse("beside");
            replica.Beside = (beside, (await replica.Publisher.EndAsync(beside)).Id);
        }
        return replica;
    }

    /// <summary>Publishes texts one after the other, and returns their ids.</summary>
    internal async Task<List<EventId>> PublishAsync(Replica replica, params string[] payloads)
    {
        var ids = new List<EventId>();
        foreach (var payload in payloads)
        {
            var result = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", payload));
            Assert.Equal(PublishOutcome.Published, result.Outcome);
            ids.Add(result.Id);
        }
        return ids;
    }

    protected static string[] Numbers(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(n => $"n{n}")];
}
