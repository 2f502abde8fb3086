using System.Diagnostics;
using System.Net;
using EventStreams;
using EventStreams.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What was revoked ends on all replicas and does not come back.</summary>
public abstract class RevocationContract(RedisServers servers, RedisServerKind kind) : AccessContract(servers, kind)
{
    // Less than the interval at which replicas look by themselves, so that only the message can end the streams so soon.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task The_streams_of_a_topic_or_of_a_subject_end_on_every_replica_at_once_and_cannot_be_resumed()
    {
        static void LookSeldom(EventStreamsOptions options) => options.TailCheckInterval = TimeSpan.FromMinutes(1);
        AccessApp[] replicas = [await ServeAsync(null, LookSeldom), await ServeAsync(null, LookSeldom), await ServeAsync(null, LookSeldom)];
        await replicas[0].Publisher.PublishAsync(News, EventMessage.Text("note", "1"));
        var alice = (await replicas[0].TicketAsync("alice", News, Other)).Ticket;
        var bob = (await replicas[0].TicketAsync("bob", News, Other)).Ticket;
        var ofAlice = await OpenAsync(replicas, News, alice);
        var ofBob = await OpenAsync(replicas, News, bob);
        var elsewhere = await OpenAsync(replicas, Other, bob);

        await EndWithinAsync(ofAlice, () => replicas[1].Control.CloseAsync("alice"));
        foreach (var replica in replicas)
        {
            await RefusedAsync(replica, News, alice);
            await RefusedAsync(replica, Other, alice);
        }
        Assert.Equal(403, (await replicas[0].TicketAsync("alice", News)).Status);
        await replicas[1].Publisher.PublishAsync(News, EventMessage.Text("note", "2"));
        foreach (var stream in ofBob)
            Assert.Equal(["1", "2"], await stream.TakeAsync(2));

        await EndWithinAsync(ofBob, () => replicas[2].Control.CloseAsync(News));
        foreach (var replica in replicas)
        {
            await RefusedAsync(replica, News, bob);
            await using var anonymous = await replica.OpenAsAsync(News, null);
            Assert.Equal(HttpStatusCode.Forbidden, anonymous.Response.StatusCode);
        }
        await replicas[0].Publisher.PublishAsync(Other, EventMessage.Text("note", "still there"));
        foreach (var stream in elsewhere)
            Assert.Equal(["still there"], await stream.TakeAsync(1));

        await replicas[0].Control.ReopenAsync("alice");
        await replicas[0].Control.ReopenAsync(News);
        foreach (var replica in replicas)
            await Eventually.HoldsAsync(() => !replica.Revocations.Refuse(News, "alice", 0), "what was lifted is forgotten");
        await using var again = await replicas[1].OpenAsync(News, (await replicas[2].TicketAsync("alice", News)).Ticket);
        Assert.Equal(HttpStatusCode.OK, again.Response.StatusCode);
    }

    [Fact]
    public async Task A_replica_that_was_cut_off_meanwhile_catches_up()
    {
        var link = Keep(new RedisLink(Server));
        AccessApp[] replicas = [await ServeAsync(), await ServeAsync(link.ConnectionString)];
        var ticket = (await replicas[0].TicketAsync("alice", News)).Ticket;
        var streams = await OpenAsync(replicas, News, ticket);
        link.Cut();
        await replicas[0].Control.CloseAsync("alice");
        Assert.Equal(StreamEventTypes.Expired, (await streams[0].NextAfterOpenAsync())?.Type);
        Assert.Equal(1, replicas[1].Hub.StreamCount);
        link.Mend();
        Assert.Equal(StreamEventTypes.Expired, (await streams[1].NextAfterOpenAsync())?.Type);
        await RefusedAsync(replicas[1], News, ticket);
    }

    [Fact]
    public async Task A_message_that_nobody_noticed_to_be_lost_is_made_up_for()
    {
        var replica = await ServeAsync();
        var ticket = (await replica.TicketAsync("alice", News)).Ticket;
        var stream = (await OpenAsync([replica], News, ticket))[0];
        using var connection = await Server.ConnectAsync();
        var inAnHour = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds() * 1000;
        await connection.GetDatabase().SortedSetAddAsync(new CommonKeys(KeyPrefix).Revoked, "salice", inAnHour);
        Assert.Equal(StreamEventTypes.Expired, (await stream.NextAfterOpenAsync())?.Type);
        // The clock of a server that took over may be behind; the time of tickets and revocations goes on nonetheless.
        await replica.Control.CloseAsync("bob");
        var times = await connection.GetDatabase().SortedSetRangeByRankWithScoresAsync(new CommonKeys(KeyPrefix).Revoked);
        Assert.Equal([inAnHour, inAnHour + 1.0], times.Select(entry => entry.Score));
        await using var later = await replica.OpenAsync(News, (await replica.TicketAsync("carol", News)).Ticket);
        Assert.Equal(HttpStatusCode.OK, later.Response.StatusCode);
    }

    [Fact]
    public async Task A_replica_that_cannot_tell_what_was_revoked_turns_away_who_needs_a_credential_and_nobody_else()
    {
        var link = Keep(new RedisLink(Server));
        var replica = await ServeAsync(link.ConnectionString, options => options.RedisTimeout = TimeSpan.FromSeconds(1));
        var ticket = (await replica.TicketAsync("alice", News)).Ticket;
        await using var first = (await OpenAsync([replica], News, ticket))[0];
        link.Cut();
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var stream = await replica.OpenAsync(News, ticket);
                return (await stream.NextEventAsync())?.Type == StreamEventTypes.Busy;
            },
            "holders of tickets are asked to come back"
        );
        await using var anonymous = await replica.OpenAsAsync(News, null);
        Assert.Equal(StreamEventTypes.Open, (await anonymous.NextEventAsync())?.Type);
    }

    // The heartbeat's rounds must not be what ends the streams.
    private Task<AccessApp> ServeAsync(string? connectionString = null, Action<EventStreamsOptions>? configure = null) =>
        StartAsync(
            null,
            connectionString,
            options =>
            {
                options.HeartbeatInterval = TimeSpan.FromMinutes(1);
                options.TailCheckInterval = TimeSpan.FromMilliseconds(300);
                configure?.Invoke(options);
            }
        );

    private static async Task<SseStream[]> OpenAsync(IEnumerable<AccessApp> replicas, Topic topic, string ticket)
    {
        var streams = await Task.WhenAll(replicas.Select(replica => replica.OpenAsync(topic, ticket)));
        foreach (var stream in streams)
            Assert.Equal(StreamEventTypes.Open, (await stream.NextEventAsync())?.Type);
        return streams;
    }

    private static async Task EndWithinAsync(SseStream[] streams, Func<Task> revoke)
    {
        var started = Stopwatch.GetTimestamp();
        await revoke();
        foreach (var stream in streams)
        {
            SseBlock? last = null;
            while (await stream.NextAfterOpenAsync() is { } block)
                last = block;
            Assert.Equal((StreamEventTypes.Expired, true), (last?.Type, last?.Data?.Contains("\"revoked\"", StringComparison.Ordinal)));
        }
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Limit);
    }

    private static async Task RefusedAsync(AccessApp replica, Topic topic, string ticket)
    {
        await using var refused = await replica.OpenAsync(topic, ticket);
        Assert.Equal(HttpStatusCode.Forbidden, refused.Response.StatusCode);
    }
}

public sealed class RedisRevocationTests(RedisServers servers) : RevocationContract(servers, RedisServerKind.Redis);

public sealed class GarnetRevocationTests(RedisServers servers) : RevocationContract(servers, RedisServerKind.Garnet);
