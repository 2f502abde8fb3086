using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using EventStreams;
using EventStreams.Log;
using EventStreams.Redis;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Who may follow what: the authorizer, tickets, and credentials that run out while a stream is open.</summary>
public abstract class StreamAccessContract(RedisServers servers, RedisServerKind kind) : AccessContract(servers, kind)
{
    [Fact]
    public async Task The_authorizer_is_asked_for_each_topic_when_a_stream_begins_and_when_it_is_resumed()
    {
        var isBanned = false;
        var authorizer = new TestAuthorizer((subject, topic) => subject == "alice" && topic == News && !isBanned);
        var app = await StartAsync(authorizer);
        await app.Publisher.PublishAsync(News, EventMessage.Text("note", "1"));
        string cursor;
        await using (var stream = await app.OpenAsAsync(News, "alice"))
        {
            Assert.Equal(["1"], await stream.TakeAsync(1));
            cursor = stream.LastEventId;
        }
        (string?, Topic, HttpStatusCode)[] expected =
        [
            (null, News, HttpStatusCode.Unauthorized),
            ("bob", News, HttpStatusCode.Forbidden),
            ("alice", Other, HttpStatusCode.Forbidden),
        ];
        foreach (var (user, topic, status) in expected)
        {
            await using var refused = await app.OpenAsAsync(topic, user);
            Assert.Equal(
                (status, "application/problem+json"),
                (refused.Response.StatusCode, refused.Response.Content.Headers.ContentType?.MediaType)
            );
        }
        var ticket = (await app.TicketAsync("alice", News)).Ticket;
        isBanned = true;
        var before = authorizer.Asked;
        await using var resumed = await app.OpenAsync(News, ticket, cursor);
        Assert.Equal((HttpStatusCode.Forbidden, before + 1), (resumed.Response.StatusCode, authorizer.Asked));
    }

    [Fact]
    public async Task The_authorizer_is_asked_before_a_page_of_history_is_read_also_one_that_was_read_for_somebody_else()
    {
        var authorizer = new TestAuthorizer((subject, topic) => subject == "alice" && topic == News);
        var app = await StartAsync(
            authorizer,
            build: builder =>
                builder.Services.AddSingleton<IEventLog>(provider => new HeldEventLog(
                    ActivatorUtilities.CreateInstance<RedisEventLog>(provider)
                ))
        );
        await app.Publisher.PublishAsync(News, EventMessage.Text("note", "1"));
        await app.Publisher.PublishAsync(Other, EventMessage.Text("note", "secret"));
        var log = (HeldEventLog)app.Log;
        (string?, Topic, HttpStatusCode)[] refusals =
        [
            (null, News, HttpStatusCode.Unauthorized),
            ("bob", News, HttpStatusCode.Forbidden),
            ("alice", Other, HttpStatusCode.Forbidden),
        ];
        foreach (var (user, topic, status) in refusals)
        {
            var (given, text, _) = await ReadAsync(user, topic);
            Assert.Equal((status, false, 0), (given, text.Contains("note", StringComparison.Ordinal), log.Reads));
        }
        Assert.Equal(3, authorizer.Asked);
        // While a page is being read for one who may have it, others who ask for it get nothing of it.
        log.Hold();
        var reading = ReadAsync("alice", News);
        await Eventually.HoldsAsync(() => log.Reads == 1, "the page is being read");
        Assert.Equal(HttpStatusCode.Forbidden, (await ReadAsync("bob", News)).Status);
        log.LetGo();
        var (allowed, page, caching) = await reading;
        Assert.Equal<(HttpStatusCode, bool, bool?)>(
            (HttpStatusCode.OK, true, true),
            (allowed, page.Contains("note", StringComparison.Ordinal), caching?.Private)
        );
        // With a ticket as on a stream.
        var ticket = (await app.TicketAsync("alice", News)).Ticket;
        using var answer = await app.Client.GetAsync($"/streams/{News}/events?ticket={ticket}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        async Task<(HttpStatusCode Status, string Text, CacheControlHeaderValue? Caching)> ReadAsync(string? user, Topic topic)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/streams/{topic}/events");
            if (user is not null)
                request.Headers.Add("X-User", user);
            using var answer = await app.Client.SendAsync(request);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.CacheControl);
        }
    }

    [Fact]
    public async Task A_policy_by_name_judges_users_and_the_holders_of_tickets()
    {
        var app = await StartAsync(build: builder =>
        {
            builder.Services.Configure<StreamAccessOptions>(options => options.Policy = "followers");
            builder.Services.AddAuthorization(options =>
                options.AddPolicy(
                    "followers",
                    policy => policy.RequireAssertion(context => context.User.HasClaim("sub", "alice") && (Topic)context.Resource! == News)
                )
            );
        });
        Assert.Equal(403, (await app.TicketAsync("bob", News)).Status);
        Assert.Equal(401, (await app.TicketAsync(null, News)).Status);
        Assert.Equal(403, (await app.TicketAsync("alice", News, Other)).Status);
        await using var stream = await app.OpenAsync(News, (await app.TicketAsync("alice", News)).Ticket);
        Assert.Equal(StreamEventTypes.Open, (await stream.NextEventAsync())?.Type);
    }

    [Fact]
    public async Task A_ticket_of_one_replica_is_taken_by_all_for_its_topics_and_nothing_else()
    {
        var authorizer = new TestAuthorizer((subject, _) => subject == "alice");
        // Together, as replicas start: they must agree about one key.
        var replicas = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync(authorizer)));
        var issued = await Task.WhenAll(replicas.Select(replica => replica.TicketAsync("alice", News)));
        foreach (var replica in replicas)
        {
            foreach (var (status, ticket) in issued)
            {
                await using var stream = await replica.OpenAsync(News, ticket);
                Assert.Equal((200, HttpStatusCode.OK), (status, stream.Response.StatusCode));
            }
            await using var other = await replica.OpenAsync(Other, issued[0].Ticket);
            Assert.Equal(HttpStatusCode.Forbidden, other.Response.StatusCode);
            await using var changed = await replica.OpenAsync(News, issued[0].Ticket[..^8] + "AAAAAAAA");
            Assert.Equal(HttpStatusCode.Unauthorized, changed.Response.StatusCode);
        }
        using var connection = await Server.ConnectAsync();
        Assert.Equal(1, await connection.GetDatabase().ListLengthAsync(new CommonKeys(KeyPrefix).ProtectionKeys));
    }

    [Theory]
    [InlineData("/streams/news?")]
    [InlineData("/streams?topic=other&topic=news&")]
    public async Task A_stream_ends_with_its_ticket_and_goes_on_with_another_with_nothing_lost_or_duplicated(string address)
    {
        var authorizer = new TestAuthorizer((subject, _) => subject == "alice");
        void Shorten(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder) =>
            builder.Services.Configure<StreamAccessOptions>(options => options.TicketLifetime = TimeSpan.FromSeconds(1));
        AccessApp[] replicas = [await StartAsync(authorizer, build: Shorten), await StartAsync(authorizer, build: Shorten)];
        List<string> seen = [];
        string? cursor = null;
        var (expiries, came) = (0, 0);
        var publishing = PacedPublishing.RunAsync(
            replicas[0].Publisher,
            News,
            () => Volatile.Read(ref came),
            () => Volatile.Read(ref expiries) > 2
        );
        for (var isOver = false; !isOver; )
        {
            var replica = replicas[expiries % 2];
            var ticket = (await replica.TicketAsync("alice", News, Other)).Ticket;
            await using var stream = await SseStream.OpenAsync(replica.Client, $"{address}ticket={ticket}", cursor);
            while (!isOver && await stream.NextAfterOpenAsync() is { } block)
            {
                if (block.Type == "note")
                {
                    seen.Add(block.Data!);
                    Volatile.Write(ref came, seen.Count);
                }
                else if (block.Type == StreamEventTypes.End)
                    isOver = true;
                else
                    expiries += block.Type == StreamEventTypes.Expired && block.Id == stream.LastEventId && block.Id is not null ? 1 : 1000;
            }
            cursor = stream.LastEventId;
            if (isOver)
                break;
            await using var late = await SseStream.OpenAsync(replica.Client, $"{address}ticket={ticket}", cursor);
            Assert.Equal(HttpStatusCode.Unauthorized, late.Response.StatusCode);
        }
        Assert.Equal(Enumerable.Range(1, await publishing).Select(i => $"{i}"), seen);
        Assert.InRange(expiries, 3, 20);
    }

    [Fact]
    public async Task A_page_of_a_topic_that_is_not_for_everybody_stays_out_of_shared_caches_whoever_asks()
    {
        var app = await StartAsync(new TestAuthorizer((_, topic) => topic == News));
        await app.Publisher.PublishAsync(News, EventMessage.Text("note", "1"));
        using var page = await app.Client.GetAsync($"/streams/{News}/events");
        Assert.Equal((HttpStatusCode.OK, true), (page.StatusCode, page.Headers.CacheControl?.Private));
    }

    [Fact]
    public async Task A_stream_ends_when_its_users_credential_does_also_one_that_is_catching_up_or_idle()
    {
        var app = await StartAsync();
        await using var stream = await app.OpenAsAsync(News, "alice", lifetime: 2);
        Assert.Equal(StreamEventTypes.Expired, (await stream.NextAfterOpenAsync())?.Type);
        Assert.Null(await stream.NextEventAsync());
        await using var late = await app.OpenAsAsync(News, "alice", lifetime: -1);
        Assert.Equal(HttpStatusCode.Unauthorized, late.Response.StatusCode);
        // A ticket lives no longer than what it was issued for.
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/tickets?topic={News}");
        request.Headers.Add("X-User", "alice");
        request.Headers.Add("X-Lifetime", "30");
        using var answer = await app.Client.SendAsync(request);
        var ticket = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.InRange(ticket.GetProperty("expiresIn").GetDouble(), 1, 30);
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }
}

public sealed class RedisStreamAccessTests(RedisServers servers) : StreamAccessContract(servers, RedisServerKind.Redis)
{
    [Fact]
    public async Task A_replica_waits_for_the_first_key_that_another_one_is_making()
    {
        // Of its own, so that the calls that are counted are this test's.
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        var first = await StartAsync(connectionString: server.ConnectionString);
        var (_, ticket) = await first.TicketAsync("alice", News);
        await using var connection = await server.ConnectAsync(options => options.AllowAdmin = true);
        var (database, keys) = (connection.GetDatabase(), new CommonKeys(KeyPrefix));
        // As in the moment in which the first one makes it.
        await database.KeyRenameAsync(keys.ProtectionKeys, "away");
        await database.StringSetAsync(keys.ProtectionLock, "first");
        var before = await SetsAsync();
        var starting = Task.Run(() => StartAsync(connectionString: server.ConnectionString));
        var asking = Task.Run(async () => await (await starting).TicketAsync("alice", News));
        await Eventually.HoldsAsync(async () => await SetsAsync() >= before + 3, "the second one asks whether it is to make the key");
        await database.KeyRenameAsync("away", keys.ProtectionKeys);
        Assert.Equal(200, (await asking).Status);
        Assert.Equal(1, await database.ListLengthAsync(keys.ProtectionKeys));
        await using var stream = await (await starting).OpenAsync(News, ticket);
        Assert.Equal(HttpStatusCode.OK, stream.Response.StatusCode);

        async Task<long> SetsAsync()
        {
            var statistics = (await connection.GetServers()[0].InfoAsync("commandstats")).Single();
            var calls = statistics.FirstOrDefault(command => command.Key == "cmdstat_set").Value ?? "calls=0,";
            return long.Parse(calls[6..calls.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        }
    }
}

public sealed class GarnetStreamAccessTests(RedisServers servers) : StreamAccessContract(servers, RedisServerKind.Garnet);
