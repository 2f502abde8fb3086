using EventStreams;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>A Redis that is reached by a socket of the file system.</summary>
[Collection(FaultsCollection.Name)]
public sealed class UnixSocketTests
{
    [Fact]
    public async Task Streams_are_live_over_a_unix_socket()
    {
        if (OperatingSystem.IsWindows())
            throw Requirement.Missing("redis-server has unix sockets on Unix only.");
        var topic = Topic.Parse("orders");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "redis.sock");
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        await server.RestartAsync(["--unixsocket", path]);
        await using var replica = await Replica.StartAsync(
            $"!{path},password={server.Password}",
            RedisServers.CreateKeyPrefix(),
            "a",
            isDirect: true,
            options => options.TailCheckInterval = TimeSpan.FromMinutes(1)
        );
        await using var stream = await replica.OpenAsync(topic);
        await stream.NextEventAsync();
        await replica.Publisher.PublishAsync(topic, EventMessage.Text("note", "1"));
        Assert.Equal(["1"], await stream.TakeAsync(1));
    }
}
