using EventStreams;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Two services on one Redis, each with a database of its own.</summary>
public sealed class DatabaseTests(RedisServers servers)
{
    [Fact]
    public async Task Services_on_different_databases_do_not_hear_each_other()
    {
        var topic = Topic.Parse("orders");
        var prefix = RedisServers.CreateKeyPrefix();
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var zero = await Replica.StartAsync(server.ConnectionString, prefix, "zero", isDirect: true);
        await using var one = await Replica.StartAsync(server.ConnectionString + ",defaultDatabase=1", prefix, "one", isDirect: true);
        await using var ofZero = await zero.OpenAsync(topic);
        await using var ofOne = await one.OpenAsync(topic);
        await ofZero.NextEventAsync();
        await ofOne.NextEventAsync();
        await zero.Publisher.PublishAsync(topic, EventMessage.Text("note", "zero"));
        await one.Publisher.PublishAsync(topic, EventMessage.Text("note", "one"));
        Assert.Equal(["zero"], await ofZero.TakeAsync(1));
        Assert.Equal(["one"], await ofOne.TakeAsync(1));
        await one.Publisher.EndAsync(topic);
        Assert.Equal("stream.end", (await ofOne.NextAfterOpenAsync())?.Type);
    }
}
