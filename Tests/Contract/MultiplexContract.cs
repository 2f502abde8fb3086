using System.Globalization;
using System.Net;
using System.Text.Json;
using EventStreams;
using EventStreams.Wire;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Many topics on one connection: each of them as exact as on a stream of its own, whatever the others do.</summary>
public abstract class MultiplexContract(RedisServers servers, RedisServerKind kind, bool isDirect)
    : EventStreamsContract(servers, kind, isDirect)
{
    private const int Topics = 10;

    private readonly Topic[] _topics = [.. Enumerable.Range(0, Topics).Select(i => Topic.Parse($"t{i}"))];

    private string Address => "/streams?" + string.Join('&', _topics.Select(topic => $"topic={topic}"));

    [Fact]
    public async Task Every_topic_is_exact_over_random_cuts_while_all_are_published_to_at_once()
    {
        const int Each = 60;
        var replicas = new[] { await StartReplicaAsync("a"), await StartReplicaAsync("b"), await StartReplicaAsync("c") };
        var publishing = Task.WhenAll(
            _topics.Select(
                async (topic, i) =>
                {
                    for (var n = 1; n <= Each; n++)
                        await PublishToAsync(replicas[(i + n) % 3], topic, $"n{n}");
                }
            )
        );
        var seen = _topics.Select(_ => new List<string>()).ToArray();
        var random = new Random(7);
        string? cursor = null;
        for (var connection = 0; seen.Sum(list => list.Count) < Topics * Each; connection++)
        {
            await using var stream = await SseStream.OpenAsync(replicas[connection % 3].Client, Address, cursor);
            var cutAfter = random.Next(1, 60);
            while (seen.Sum(list => list.Count) < Topics * Each && cutAfter-- > 0)
            {
                var next = (await stream.NextAfterOpenAsync())!;
                Assert.Null(next.Type == StreamEventTypes.Gap ? next.Data : null);
                seen[IndexOf(next)].Add(next.Data!);
            }
            cursor = stream.LastEventId;
        }
        await publishing;
        Assert.All(seen, list => Assert.Equal(Numbers(1, Each), list));
    }

    [Fact]
    public async Task A_drain_closes_streams_of_which_a_topic_has_ended()
    {
        var replica = await StartReplicaAsync("a", options => options.DrainTime = TimeSpan.FromMilliseconds(200));
        await replica.Publisher.EndAsync(_topics[0]);
        // More than a step of the drain closes.
        var streams = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => SseStream.OpenAsync(replica.Client, Address)));
        await replica.Hub.DrainAsync().WaitAsync(Eventually.DefaultLimit);
        Assert.Equal(0, replica.Hub.StreamCount);
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_opens_once_with_every_topic_and_a_cursor_that_any_replica_takes()
    {
        var a = await StartReplicaAsync("a");
        var b = await StartReplicaAsync("b");
        var id = await PublishToAsync(a, _topics[3], "before");
        await using (var stream = await SseStream.OpenAsync(a.Client, Address + "&from=head"))
        {
            var open = await stream.NextBlockAsync();
            Assert.Equal(StreamEventTypes.Open, open!.Type);
            Assert.NotNull(open.Retry);
            using var data = JsonDocument.Parse(open.Data!);
            var topics = data.RootElement.GetProperty("topics").EnumerateArray().ToArray();
            Assert.Equal(_topics.Select(topic => topic.Name), topics.Select(topic => topic.GetProperty("topic").GetString()));
            Assert.Equal(
                (id.ToString(), "0-0"),
                (topics[3].GetProperty("cursor").GetString(), topics[4].GetProperty("cursor").GetString())
            );
            Assert.StartsWith("0:", open.Id, StringComparison.Ordinal);
            await PublishToAsync(b, _topics[9], "after");
            await PublishToAsync(b, _topics[3], "after");
            await using var resumed = await SseStream.OpenAsync(b.Client, Address, open.Id);
            Assert.Equal([(3, "after"), (9, "after")], (await TakeAsync(resumed, 2)).Order());
        }
    }

    [Fact]
    public async Task A_cursor_can_be_put_together_for_other_topics_than_it_came_from()
    {
        var replica = await StartReplicaAsync("a");
        var ids = new List<EventId>();
        foreach (var topic in _topics.Take(3))
        {
            ids.Add(await PublishToAsync(replica, topic, "1"));
            await PublishToAsync(replica, topic, "2");
        }
        string text;
        await using (var two = await SseStream.OpenAsync(replica.Client, "/streams?topic=t0&topic=t1", $"{ids[0]}.{ids[1]}"))
        {
            Assert.Equal([(0, "2"), (1, "2")], (await TakeAsync(two, 2)).Order());
            text = two.LastEventId;
        }
        // One topic fewer and two more: one with the id of a stream of its own, one anew.
        var cursors = CursorSet.Split(text, 2)!;
        await PublishToAsync(replica, _topics[1], "3");
        await using var other = await SseStream.OpenAsync(
            replica.Client,
            $"/streams?topic=t2&topic=t1&topic=t0&lastEventId={ids[2]}.{cursors[1]}."
        );
        Assert.Equal([(0, "2"), (1, "3"), (2, "1"), (2, "2")], (await TakeAsync(other, 4)).Order());
    }

    [Fact]
    public async Task Gaps_and_ends_name_their_topic_and_the_others_go_on_until_all_have_ended()
    {
        var a = await StartReplicaAsync("a");
        var b = await StartReplicaAsync("b");
        const string Three = "/streams?topic=t0&topic=t1&topic=t2";
        await PublishToAsync(a, _topics[0], "1");
        await using (var stream = await SseStream.OpenAsync(a.Client, Three, "1:rubbish..0-0"))
        {
            var gap = await stream.NextAfterOpenAsync();
            Assert.Equal((StreamEventTypes.Gap, 0), (gap!.Type, IndexOf(gap)));
            Assert.Equal(("t0", StreamGap.Unknown), (Property(gap, "topic"), Property(gap, "reason")));
            await EndAsync(b, stream, 1);
            await PublishToAsync(b, _topics[0], "2");
            Assert.Equal([(0, "2")], await TakeAsync(stream, 1));
            // On another replica the ended topic is silent and said to have ended; the others go on.
            await using var resumed = await SseStream.OpenAsync(b.Client, Three, stream.LastEventId);
            using (var open = JsonDocument.Parse((await resumed.NextEventAsync())!.Data!))
                Assert.Equal(
                    [false, true, false],
                    open.RootElement.GetProperty("topics").EnumerateArray().Select(topic => topic.TryGetProperty("ended", out _))
                );
            await EndAsync(a, resumed, 0);
            await EndAsync(a, resumed, 2);
            Assert.Null(await resumed.NextEventAsync());
            foreach (var replica in (Replica[])[a, b])
            {
                await using var again = await SseStream.OpenAsync(replica.Client, Three, resumed.LastEventId);
                Assert.Equal(HttpStatusCode.NoContent, again.Response.StatusCode);
            }
        }
        await Eventually.HoldsAsync(() => a.Hub.StreamCount == 0 && b.Hub.StreamCount == 0, "all streams are over");

        async Task EndAsync(Replica replica, SseStream stream, int topic)
        {
            await replica.Publisher.EndAsync(_topics[topic]);
            var end = await stream.NextAfterOpenAsync();
            Assert.Equal((StreamEventTypes.End, topic, $"t{topic}"), (end!.Type, IndexOf(end), Property(end, "topic")));
        }
    }

    [Fact]
    public async Task Large_events_of_many_topics_come_whole_while_the_client_reads_slowly()
    {
        var replica = await StartReplicaAsync("a");
        await using var live = await SseStream.OpenAsync(replica.Client, Address);
        Assert.Equal(StreamEventTypes.Open, (await live.NextEventAsync())?.Type);
        // Each is several times what a socket's buffer holds.
        var payloads = Enumerable.Range(0, 6).Select(n => $"{n} " + new string((char)('a' + n), 200_000)).ToArray();
        await Task.WhenAll(
            _topics
                .Take(4)
                .Select(async topic =>
                {
                    foreach (var payload in payloads)
                        await PublishToAsync(replica, topic, payload);
                })
        );
        await using var replayed = await SseStream.OpenAsync(replica.Client, Address);
        foreach (var stream in (SseStream[])[live, replayed])
        {
            var seen = await TakeAsync(stream, 4 * payloads.Length);
            for (var i = 0; i < 4; i++)
                Assert.Equal(payloads, seen.Where(e => e.Topic == i).Select(e => e.Data));
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_dropped_once_and_the_topics_go_on()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.SlowClientTimeout = TimeSpan.FromMilliseconds(500);
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
            }
        );
        using var meter = new MeterReader(replica);
        await using var stuck = await PausingReader.OpenAsync(
            new Uri(replica.Client.BaseAddress!, Address),
            TestContext.Current.CancellationToken
        );
        await using var other = await SseStream.OpenAsync(replica.Client, Address);
        var payload = new string('x', 250_000);
        var published = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                await PublishToAsync(replica, _topics[published++ % Topics], payload);
                return meter.Sum("eventstreams.streams.dropped") > 0;
            },
            "the client is dropped"
        );
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 1, "its stream is over");
        Assert.Equal(1, meter.Sum("eventstreams.streams.dropped"));
        Assert.Equal(published, (await TakeAsync(other, published)).Count);
    }

    [Fact]
    public async Task Heartbeats_are_as_many_as_on_a_stream_of_one_topic()
    {
        var replica = await StartReplicaAsync("a", options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200));
        await using var one = await replica.OpenAsync(Topic);
        await using var many = await SseStream.OpenAsync(replica.Client, Address);
        await one.NextEventAsync();
        await many.NextEventAsync();
        for (var i = 0; i < 8; i++)
            Assert.Equal("", (await many.NextBlockAsync())!.Comment);
        await PublishToAsync(replica, _topics[0], "1");
        await PublishAsync(replica, "1");
        var (ofOne, ofMany) = (0, 8);
        while ((await one.NextBlockAsync())!.Comment is not null)
            ofOne++;
        while ((await many.NextBlockAsync())!.Comment is not null)
            ofMany++;
        Assert.InRange(ofMany, 1, ofOne + 2);
    }

    [Fact]
    public async Task A_stopping_replica_closes_each_stream_with_one_notice_and_nothing_is_lost()
    {
        var a = await StartReplicaAsync("a", options => options.DrainTime = TimeSpan.FromMilliseconds(200));
        var b = await StartReplicaAsync("b");
        var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SseStream.OpenAsync(a.Client, Address)));
        foreach (var stream in streams)
            await stream.NextEventAsync();
        var publishing = Task.WhenAll(
            _topics.Select(async topic =>
            {
                for (var n = 1; n <= 20; n++)
                    await PublishToAsync(b, topic, $"n{n}");
            })
        );
        var stopping = a.StopAsync();
        foreach (var stream in streams)
        {
            var seen = new List<(int Topic, string Data)>();
            var notices = 0;
            while (await stream.NextEventAsync() is { } block)
            {
                if (block.Type == StreamEventTypes.Busy)
                    notices++;
                else
                    seen.Add((IndexOf(block), block.Data!));
            }
            Assert.Equal(1, notices);
            await using var resumed = await SseStream.OpenAsync(b.Client, Address, stream.LastEventId);
            seen.AddRange(await TakeAsync(resumed, Topics * 20 - seen.Count));
            for (var i = 0; i < Topics; i++)
                Assert.Equal(Numbers(1, 20), seen.Where(e => e.Topic == i).Select(e => e.Data));
            await stream.DisposeAsync();
        }
        await publishing;
        await stopping;
    }

    [Fact]
    public async Task A_request_without_topics_with_too_many_or_with_one_twice_is_refused()
    {
        var replica = await StartReplicaAsync("a");
        var many = string.Join('&', Enumerable.Range(0, 51).Select(i => $"topic=x{i}"));
        foreach (var query in (string[])["", "?topic=", "?topic=a%20b", "?topic=a&topic=a", "?" + many])
        {
            using var answer = await replica.Client.GetAsync("/streams" + query);
            Assert.Equal(
                (query, HttpStatusCode.BadRequest, "application/problem+json"),
                (query, answer.StatusCode, answer.Content.Headers.ContentType?.MediaType)
            );
        }
        await using var fifty = await SseStream.OpenAsync(replica.Client, "/streams?" + many[..many.LastIndexOf('&')]);
        Assert.Equal(StreamEventTypes.Open, (await fifty.NextEventAsync())?.Type);
    }

    private static async Task<EventId> PublishToAsync(Replica replica, Topic topic, string payload) =>
        (await replica.Publisher.PublishAsync(topic, EventMessage.Text("note", payload))).Id;

    private static async Task<List<(int Topic, string Data)>> TakeAsync(SseStream stream, int count)
    {
        var seen = new List<(int Topic, string Data)>();
        while (seen.Count < count)
        {
            var next =
                await stream.NextAfterOpenAsync()
                ?? throw new InvalidOperationException($"The stream ended after {seen.Count} of {count} events.");
            seen.Add((IndexOf(next), next.Data!));
        }
        return seen;
    }

    private static int IndexOf(SseBlock block) =>
        int.Parse(block.Id![..block.Id!.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture);

    private static string? Property(SseBlock block, string name)
    {
        using var data = JsonDocument.Parse(block.Data!);
        return data.RootElement.GetProperty(name).GetString();
    }
}

public sealed class RedisMultiplexTests(RedisServers servers) : MultiplexContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class RedisMultiplexThroughBodyWriterTests(RedisServers servers)
    : MultiplexContract(servers, RedisServerKind.Redis, isDirect: false);

public sealed class GarnetMultiplexTests(RedisServers servers) : MultiplexContract(servers, RedisServerKind.Garnet, isDirect: true);
