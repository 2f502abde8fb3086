using System.Net;
using EventStreams;
using EventStreams.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>An ended topic never leaves a client waiting, also where nobody holds its last event any more.</summary>
public abstract class EndContract(RedisServers servers, RedisServerKind kind, bool isDirect, bool isMultiplexed = false)
    : EventStreamsContract(servers, kind, isDirect, isMultiplexed)
{
    [Fact]
    public async Task A_client_that_comes_back_with_the_end_of_an_expired_log_is_answered_204()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "1");
        var end = await replica.Publisher.EndAsync(Topic);
        await ExpireLogAsync();
        await using var stream = await replica.OpenAsync(Topic, end.Id.ToString());
        Assert.Equal(HttpStatusCode.NoContent, stream.Response.StatusCode);
    }

    [Fact]
    public async Task A_client_of_an_expired_log_that_missed_its_end_still_gets_it()
    {
        var replica = await StartReplicaAsync("a");
        var ids = await PublishAsync(replica, "1", "2");
        await replica.Publisher.EndAsync(Topic);
        await ExpireLogAsync();
        await using var stream = await replica.OpenAsync(Topic, ids[1].ToString());
        Assert.Equal(StreamEventTypes.Gap, (await stream.NextAfterOpenAsync())!.Type);
        Assert.Equal(StreamEventTypes.End, (await stream.NextEventAsync())!.Type);
        Assert.Null(await stream.NextEventAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_begins_at_the_head_of_an_ended_topic_ends(bool isExpired)
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "1");
        await replica.Publisher.EndAsync(Topic);
        if (isExpired)
            await ExpireLogAsync();
        await using var stream = await replica.OpenAsync(Topic, query: "from=head");
        Assert.Equal(StreamEventTypes.End, (await stream.NextAfterOpenAsync())!.Type);
        Assert.Null(await stream.NextEventAsync());
    }

    [Fact]
    public async Task A_topic_that_is_opened_again_after_its_log_has_expired_goes_on()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "1");
        var end = await replica.Publisher.EndAsync(Topic);
        await ExpireLogAsync();
        await using (var ended = await replica.OpenAsync(Topic, end.Id.ToString()))
            Assert.Equal(HttpStatusCode.NoContent, ended.Response.StatusCode);
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), new PublishOptions { Reopen = true });
        await using var stream = await replica.OpenAsync(Topic, end.Id.ToString());
        Assert.Equal(["2"], await stream.TakeAsync(1));
        await PublishAsync(replica, "3");
        Assert.Equal(["3"], await stream.TakeAsync(1));
    }

    private async Task ExpireLogAsync()
    {
        using var connection = await Server.ConnectAsync();
        await connection.GetDatabase().KeyDeleteAsync(new TopicKeys(KeyPrefix, Topic).Log);
    }
}

public sealed class RedisEndTests(RedisServers servers) : EndContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class GarnetEndTests(RedisServers servers) : EndContract(servers, RedisServerKind.Garnet, isDirect: false);

public sealed class RedisMultiplexedEndTests(RedisServers servers)
    : EndContract(servers, RedisServerKind.Redis, isDirect: true, isMultiplexed: true);

public sealed class GarnetMultiplexedEndTests(RedisServers servers)
    : EndContract(servers, RedisServerKind.Garnet, isDirect: false, isMultiplexed: true);
