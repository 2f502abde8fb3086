using System.Collections.Concurrent;
using EventStreams;
using EventStreams.Client;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The .NET client on replicas that come and go.</summary>
public abstract class ClientContract(RedisServers servers, RedisServerKind kind, bool isDirect)
    : EventStreamsContract(servers, kind, isDirect)
{
    private static readonly FollowOptions Hasty = new() { Retry = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50) };

    private Uri Address => new($"/streams/{Topic}", UriKind.Relative);

    [Fact]
    public async Task Everything_comes_once_and_in_order_while_replicas_stop_start_and_break()
    {
        const int Followers = 12;
        using var router = new ReplicaRouter();
        var publisher = await StartAsync("publisher");
        var replicas = new Queue<Replica>();
        for (var i = 0; i < 3; i++)
            await AddAsync($"first-{i}");
        var client = new EventStreamClient(router.Client);
        var served = new ConcurrentDictionary<string, bool>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var following = Enumerable.Range(0, Followers).Select(_ => Task.Run(FollowAsync)).ToList();

        var published = 0;
        for (var round = 0; round < 6; round++)
        {
            await PublishAsync(publisher, Numbers(published + 1, published += 20));
            // Unless the streams had got this far, nothing of what follows would hit them.
            await Eventually.HoldsAsync(() => client.Counters.Events >= Followers * published, $"round {round} has arrived");
            var oldest = replicas.Dequeue();
            switch (round % 3)
            {
                case 0:
                    // In order, and as a balancer knows of it.
                    router.Remove(oldest);
                    await Task.WhenAll(oldest.StopAsync(), PublishAsync(publisher, Numbers(published + 1, published += 20)));
                    break;
                case 1:
                    // All at once, and the balancer goes on sending streams there.
                    await Task.WhenAll(oldest.DisposeAsync().AsTask(), PublishAsync(publisher, Numbers(published + 1, published += 20)));
                    router.Remove(oldest);
                    break;
                default:
                    Assert.True(router.CutAll() >= Followers);
                    await PublishAsync(publisher, Numbers(published + 1, published += 20));
                    router.Remove(oldest);
                    break;
            }
            await AddAsync($"later-{round}");
        }
        var end = await publisher.Publisher.EndAsync(Topic);

        foreach (var (data, last) in await Task.WhenAll(following))
        {
            Assert.Equal(Numbers(1, published), data);
            Assert.Equal((StreamMessageKind.End, end.Id.ToString()), (last.Kind, last.Id));
        }
        Assert.Equal((0, 0, 0), (client.Counters.Discontinuities, client.Counters.Gaps, client.Counters.Duplicates));
        Assert.True(client.Counters.Connections > Followers * 2, "Hardly a stream was interrupted, so nothing was tested.");
        Assert.True(served.Count > 3, $"Only {string.Join(", ", served.Keys)} served.");

        async Task AddAsync(string name)
        {
            var replica = await StartAsync(name);
            replicas.Enqueue(replica);
            router.Add(replica);
        }

        async Task<(List<string> Data, StreamMessage Last)> FollowAsync()
        {
            var data = new List<string>();
            StreamMessage? last = null;
            await foreach (var message in client.FollowAsync(Address, Hasty, limit.Token))
            {
                last = message;
                if (message.Kind == StreamMessageKind.Event)
                    data.Add(message.Data);
                else if (message.Kind == StreamMessageKind.Open)
                    served[message.Replica!] = true;
            }
            return (data, last!);
        }
    }

    [Fact]
    public async Task What_was_trimmed_while_the_client_was_away_is_one_gap_and_the_rest_comes()
    {
        var replica = await StartAsync("a", options => options.MaxLogLength = 5);
        var ids = await PublishAsync(replica, Numbers(1, 3));
        await PublishAsync(replica, Numbers(4, 20));
        var client = new EventStreamClient(replica.Client);
        var messages = await TakeAsync(client, 7, ids[2].ToString());
        Assert.Equal([StreamMessageKind.Open, StreamMessageKind.Gap], messages.Take(2).Select(m => m.Kind));
        Assert.Equal((StreamGap.Trimmed, 4L, 15L), (messages[1].Gap!.Reason, messages[1].Gap!.From!.Value, messages[1].Gap!.To!.Value));
        Assert.Equal(Numbers(16, 20), messages.Skip(2).Select(m => m.Data));
        // Resuming where the gap ends meets no gap again.
        Assert.Equal(Numbers(16, 20), (await TakeAsync(client, 6, messages[1].Id)).Skip(1).Select(m => m.Data));
        Assert.Equal(0, client.Counters.Discontinuities);
    }

    [Fact]
    public async Task A_topic_that_has_ended_is_told_once_and_after_that_there_is_nothing()
    {
        var replica = await StartAsync("a");
        await PublishAsync(replica, "1");
        var end = await replica.Publisher.EndAsync(Topic);
        var client = new EventStreamClient(replica.Client);
        var messages = await TakeAsync(client, int.MaxValue, null);
        Assert.Equal([StreamMessageKind.Open, StreamMessageKind.Event, StreamMessageKind.End], messages.Select(m => m.Kind));
        Assert.Empty(await TakeAsync(client, int.MaxValue, end.Id.ToString()));
    }

    [Fact]
    public async Task Many_topics_come_over_one_connection_each_with_its_name_until_all_have_ended()
    {
        const int Each = 30;
        using var router = new ReplicaRouter();
        var replicas = new[] { await StartAsync("a"), await StartAsync("b") };
        foreach (var replica in replicas)
            router.Add(replica);
        var topics = Enumerable.Range(0, 5).Select(i => Topic.Parse($"{Topic}:{i}")).ToArray();
        var client = new EventStreamClient(router.Client);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = topics.ToDictionary(topic => topic.Name, _ => new List<string>());
        var ended = new List<string?>();
        var following = Task.Run(async () =>
        {
            await foreach (var message in client.FollowAsync(new Uri("/streams", UriKind.Relative), [.. seen.Keys], Hasty, limit.Token))
            {
                Assert.NotEqual(StreamMessageKind.Gap, message.Kind);
                if (message.Kind == StreamMessageKind.Event)
                    seen[message.Topic!].Add(message.Data);
                else if (message.Kind == StreamMessageKind.End)
                    ended.Add(message.Topic);
            }
        });
        for (var n = 1; n <= Each; n++)
        {
            foreach (var topic in topics)
                await replicas[n % 2].Publisher.PublishAsync(topic, EventMessage.Text("note", $"n{n}"));
            if (n % 10 != 0)
                continue;
            await Eventually.HoldsAsync(() => client.Counters.Events >= n * topics.Length, $"{n} events of each have come");
            router.CutAll();
        }
        foreach (var topic in topics)
            await replicas[0].Publisher.EndAsync(topic);
        await following;
        Assert.All(seen.Values, data => Assert.Equal(Numbers(1, Each), data));
        Assert.Equal(seen.Keys.Order(), ended.Order());
        Assert.True(client.Counters.Connections >= 4, "Hardly a stream was interrupted, so nothing was tested.");
    }

    [Fact]
    public async Task The_state_comes_in_parts_and_a_client_goes_on_behind_any_of_them()
    {
        var replica = await StartAsync("a", options => options.PageSize = 4);
        await replica.Publisher.PublishAsync(Topic, [.. Enumerable.Range(0, 10).Select(n => EventMessage.Text("set", $"v{n}", $"k{n}"))]);
        await PublishAsync(replica, "not part of it");
        var client = new EventStreamClient(replica.Client);
        var whole = await TakeAsync(client, 4, null, "?from=state");
        Assert.Equal(
            [StreamMessageKind.Open, StreamMessageKind.State, StreamMessageKind.State, StreamMessageKind.State],
            whole.Select(m => m.Kind)
        );
        Assert.Equal(
            [(true, false, 4), (false, false, 4), (false, true, 2)],
            whole.Skip(1).Select(m => (m.State!.IsFirst, m.State.IsLast, m.State.Events.Count))
        );
        Assert.Equal(
            Enumerable.Range(0, 10).Select(n => ($"k{n}", $"v{n}")),
            whole.Skip(1).SelectMany(m => m.State!.Events).Select(e => (e.Key, e.Data))
        );
        await PublishAsync(replica, "next");
        for (var part = 1; part <= 3; part++)
        {
            var rest = await TakeAsync(client, 5 - part, whole[part].Id, "?from=state");
            Assert.Equal(
                whole.Skip(part + 1).SelectMany(m => m.State!.Events),
                rest.Where(m => m.Kind == StreamMessageKind.State).SelectMany(m => m.State!.Events)
            );
            Assert.Equal((StreamMessageKind.Event, "next"), (rest[^1].Kind, rest[^1].Data));
        }
        Assert.Equal((0, 0), (client.Counters.Discontinuities, client.Counters.Duplicates));
    }

    private Task<Replica> StartAsync(string name, Action<EventStreamsOptions>? configure = null) =>
        StartReplicaAsync(
            name,
            options =>
            {
                options.MinRetry = TimeSpan.FromMilliseconds(5);
                options.MaxRetry = TimeSpan.FromMilliseconds(50);
                options.DrainTime = TimeSpan.FromMilliseconds(100);
                configure?.Invoke(options);
            }
        );

    private async Task<List<StreamMessage>> TakeAsync(EventStreamClient client, int count, string? lastEventId, string query = "")
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        var messages = new List<StreamMessage>();
        await foreach (
            var message in client.FollowAsync(
                new Uri(Address + query, UriKind.Relative),
                new FollowOptions { LastEventId = lastEventId },
                limit.Token
            )
        )
        {
            messages.Add(message);
            if (messages.Count == count)
                break;
        }
        return messages;
    }
}

public sealed class RedisClientTests(RedisServers servers) : ClientContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class GarnetClientTests(RedisServers servers) : ClientContract(servers, RedisServerKind.Garnet, isDirect: false);
