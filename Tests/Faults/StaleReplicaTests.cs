using EventStreams;
using EventStreams.Redis;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>A primary with a replica that has fallen behind and is still there while the primary is away.</summary>
[Collection(FaultsCollection.Name)]
public sealed class StaleReplicaTests : IAsyncLifetime
{
    private static readonly Topic Topic = Topic.Parse("orders");

    private RedisServer _primary = null!;
    private RedisServer _copy = null!;

    public async ValueTask InitializeAsync()
    {
        _primary = await RedisServer.StartAsync(RedisServerKind.Redis, isPersistent: true);
        _copy = await RedisServer.StartAsync(RedisServerKind.Redis);
    }

    public async ValueTask DisposeAsync()
    {
        await _primary.DisposeAsync();
        await _copy.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_read_from_a_replica_that_has_fallen_behind()
    {
        using var copy = await _copy.ConnectAsync();
        var server = copy.GetServers()[0];
        await server.ConfigSetAsync("masterauth", _primary.Password);
        await server.ExecuteAsync("REPLICAOF", "127.0.0.1", _primary.Port);
        await Eventually.HoldsAsync(
            async () => $"{await server.ExecuteAsync("INFO", "replication")}".Contains("master_link_status:up", StringComparison.Ordinal),
            "the copy follows"
        );
        // As after a failover and back: the copy knows the scripts, and would run them.
        foreach (var script in new[] { RedisScript.Read, RedisScript.ReadState, RedisScript.Publish })
            Assert.Equal(script.Hash, await server.ScriptLoadAsync(script.Text));
        // One connection string for both has one password.
        await server.ConfigSetAsync("requirepass", _primary.Password);

        await using var replica = await Replica.StartAsync(
            $"127.0.0.1:{_primary.Port},127.0.0.1:{_copy.Port},password={_primary.Password}",
            RedisServers.CreateKeyPrefix(),
            "a",
            isDirect: true,
            options =>
            {
                options.TailCheckInterval = TimeSpan.FromMilliseconds(50);
                options.RedisTimeout = TimeSpan.FromSeconds(2);
            }
        );
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, 1, 3);
        Assert.Equal(["e1", "e2", "e3"], await stream.TakeAsync(3));
        await Eventually.HoldsAsync(async () => await OffsetAtCopyAsync(copy) == 3, "the copy has three events");
        // A replica of a server that is not there keeps what it has, and answers.
        await server.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await PublishAsync(replica, 4, 6);
        Assert.Equal(["e4", "e5", "e6"], await stream.TakeAsync(3));

        await _primary.KillAsync();
        // Long enough for many tail checks to find nobody.
        var refused = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    await replica.Log.GetPositionAsync(Topic);
                }
                catch (EventStreamUnavailableException)
                {
                    refused++;
                }
                return refused == 20;
            },
            "reads are refused while the primary is away"
        );
        await _primary.RestartAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    await replica.Publisher.PublishAsync(
                        Topic,
                        EventMessage.Text("note", "e7"),
                        new PublishOptions { ProducerId = "p", Sequence = 7 }
                    );
                    return true;
                }
                catch (EventStreamUnavailableException)
                {
                    return false;
                }
            },
            "the primary takes events again"
        );
        Assert.Equal(["e7"], await stream.TakeAsync(1));
    }

    private static async Task PublishAsync(Replica replica, int from, int to)
    {
        for (var n = from; n <= to; n++)
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", $"e{n}"));
    }

    private static async Task<long> OffsetAtCopyAsync(ConnectionMultiplexer copy)
    {
        await foreach (var key in copy.GetServers()[0].KeysAsync(pattern: "*:meta"))
            return (long)await copy.GetDatabase().HashGetAsync(key, "offset", CommandFlags.PreferReplica);
        return 0;
    }
}
