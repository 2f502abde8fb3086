using System.Text;
using System.Text.Json;
using EventStreams;
using EventStreams.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Streams that begin with the topic's state.</summary>
public abstract class StateStreamContract(RedisServers servers, RedisServerKind kind, bool isDirect)
    : EventStreamsContract(servers, kind, isDirect)
{
    private const string FromState = "?from=state";

    [Fact]
    public async Task The_state_comes_first_in_bounded_parts_and_the_log_goes_on_at_exactly_its_position()
    {
        // The ring does not hold all that comes while the state is written.
        var replica = await StartReplicaAsync(
            "a",
            options => (options.MaxLogLength, options.PageBytes, options.RingCapacity) = (100_000, 1000, 16)
        );
        await SetManyAsync(replica, 100, "first");
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await replica.Publisher.PublishAsync(
                    Topic,
                    EventMessage.Text("set", $"v{i}", $"k{i % 100}"),
                    cancellationToken: CancellationToken.None
                );
                await replica.Publisher.PublishAsync(
                    Topic,
                    EventMessage.Tombstone("removed", $"k{i * 7 % 100}", $"k{i * 7 % 100}"),
                    cancellationToken: CancellationToken.None
                );
            }
        });
        var copies = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        var copy = new Copy();
                        await using var stream = await OpenAsync(replica, null);
                        while (copy.LiveEvents < 50)
                            copy.Take((await stream.NextEventAsync())!);
                        return (copy, stream.LastEventId);
                    })
                )
        );
        await stop.CancelAsync();
        await publishing;
        foreach (var (copy, last) in copies)
        {
            Assert.True(copy.Parts > 1, "The state came in one part, so that nothing of what parts need was tested.");
            Assert.Equal(1, copy.Beginnings);
            await using var rest = await replica.OpenAsync(Topic, last);
            var tail = (await replica.Log.GetPositionAsync(Topic)).Tail!.Value;
            while (copy.Offset < tail.Offset)
                copy.Take((await rest.NextEventAsync())!);
            await AssertIsStateAsync(replica, copy);
        }
    }

    [Fact]
    public async Task A_client_that_is_cut_off_behind_any_part_gets_the_rest_on_another_replica()
    {
        var a = await StartReplicaAsync("a", options => options.PageSize = 10);
        var b = await StartReplicaAsync("b", options => options.PageSize = 7);
        for (var cutBehind = 0; cutBehind <= 5; cutBehind++)
        {
            await SetManyAsync(a, 40, $"round {cutBehind}");
            var copy = new Copy();
            string last;
            await using (var stream = await OpenAsync(a, null))
            {
                // stream.open, and so many of the four parts and the event behind them.
                for (var i = 0; i <= cutBehind; i++)
                {
                    if (i == 5)
                        await SetAsync(a, "k0", "live");
                    copy.Take((await stream.NextEventAsync())!);
                }
                last = stream.LastEventId;
            }
            await SetAsync(a, "k1", "changed");
            await SetAsync(a, "k39", "changed");
            await a.Publisher.PublishAsync(Topic, EventMessage.Tombstone("removed", "k2", "k2"));
            await using var resumed = await OpenAsync(b, last);
            var tail = (await b.Log.GetPositionAsync(Topic)).Tail!.Value;
            while (!copy.IsComplete || copy.Offset < tail.Offset)
                copy.Take((await resumed.NextEventAsync())!);
            await AssertIsStateAsync(b, copy);
            Assert.Equal((cutBehind, 1), (cutBehind, copy.Beginnings));
            Assert.Equal((cutBehind, 0), (cutBehind, copy.Repeated));
        }
    }

    [Fact]
    public async Task Behind_a_gap_the_state_comes_anew_also_for_a_client_that_is_cut_off_in_between()
    {
        var replica = await StartReplicaAsync("a", options => options.TailCheckInterval = TimeSpan.FromMilliseconds(100));
        await SetAsync(replica, "old", "1");
        var copy = new Copy();
        await using var stream = await OpenAsync(replica, null);
        await using var plain = await replica.OpenAsync(Topic);
        while (!copy.IsComplete)
            copy.Take((await stream.NextEventAsync())!);
        await SetAsync(replica, "old", "2");
        copy.Take((await stream.NextEventAsync())!);
        using var connection = await Server.ConnectAsync();
        await connection.GetDatabase().KeyDeleteAsync(new TopicKeys(KeyPrefix, Topic).Meta);
        await SetAsync(replica, "new", "3");

        var gap = await stream.NextEventAsync();
        Assert.Equal(StreamEventTypes.Gap, gap?.Type);
        Assert.Equal(StreamGap.Epoch, JsonDocument.Parse(gap!.Data!).RootElement.GetProperty("reason").GetString());
        await using (var resumed = await OpenAsync(replica, gap.Id))
            Assert.Equal([("new", "3")], await ReadStateAsync(resumed));
        Assert.Equal([("new", "3")], await ReadStateAsync(stream));
        await SetAsync(replica, "new", "4");
        Assert.Equal(["4"], await stream.TakeAsync(1));
        // A client that came with a cursor which the log does not hold any more.
        await using var late = await OpenAsync(replica, "gone-7-ab");
        Assert.Equal(
            [StreamEventTypes.Open, StreamEventTypes.Gap],
            [(await late.NextEventAsync())?.Type, (await late.NextEventAsync())?.Type]
        );
        Assert.Equal([("new", "4")], await ReadStateAsync(late));
        await using var unknown = await OpenAsync(replica, "no id at all");
        Assert.Equal(
            [StreamEventTypes.Open, StreamEventTypes.Gap],
            [(await unknown.NextEventAsync())?.Type, (await unknown.NextEventAsync())?.Type]
        );
        Assert.Equal([("new", "4")], await ReadStateAsync(unknown));
    }

    [Fact]
    public async Task The_state_of_an_ended_topic_is_followed_by_its_end()
    {
        var replica = await StartReplicaAsync("a");
        await SetAsync(replica, "k", "1");
        var end = await replica.Publisher.EndAsync(Topic);
        await using var stream = await OpenAsync(replica, null);
        await stream.NextEventAsync();
        Assert.Equal([("k", "1")], await ReadStateAsync(stream));
        var behindState = stream.LastEventId;
        var last = await stream.NextEventAsync();
        Assert.Equal((end.Id.ToString(), StreamEventTypes.End), (last?.Id, last?.Type));
        Assert.Null(await stream.NextEventAsync());
        await using (var resumed = await OpenAsync(replica, behindState))
            Assert.Equal(StreamEventTypes.End, (await resumed.NextAfterOpenAsync())?.Type);
        await using (var over = await OpenAsync(replica, end.Id.ToString()))
            Assert.Equal(System.Net.HttpStatusCode.NoContent, over.Response.StatusCode);
        // The log expires before the position and the state.
        using var connection = await Server.ConnectAsync();
        await connection.GetDatabase().KeyDeleteAsync(new TopicKeys(KeyPrefix, Topic).Log);
        var other = await StartReplicaAsync("b");
        await using var late = await OpenAsync(other, null);
        await late.NextEventAsync();
        Assert.Equal([("k", "1")], await ReadStateAsync(late));
        Assert.Equal(StreamEventTypes.End, (await late.NextEventAsync())?.Type);
    }

    [Fact]
    public async Task A_topic_without_a_log_has_an_empty_state_and_its_first_event_follows()
    {
        var replica = await StartReplicaAsync("a");
        await using var stream = await OpenAsync(replica, null);
        Assert.Equal("0-0~0", (await stream.NextEventAsync())?.Id);
        Assert.Empty(await ReadStateAsync(stream));
        Assert.Equal("0-0", stream.LastEventId);
        await SetAsync(replica, "k", "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
    }

    private static Task<SseStream> OpenAsync(Replica replica, Topic topic, string? lastEventId) =>
        SseStream.OpenAsync(replica.Client, $"/streams/{topic}{FromState}", lastEventId);

    private Task<SseStream> OpenAsync(Replica replica, string? lastEventId) => OpenAsync(replica, Topic, lastEventId);

    private static async Task<List<(string, string)>> ReadStateAsync(SseStream stream)
    {
        var copy = new Copy();
        while (!copy.IsComplete)
        {
            var block = (await stream.NextEventAsync())!;
            if (block.Type == StreamEventTypes.State)
                copy.Take(block);
            else
                Assert.Equal(StreamEventTypes.Open, block.Type);
        }
        return [.. copy.Values.Select(pair => (pair.Key, pair.Value))];
    }

    private async Task SetAsync(Replica replica, string key, string value) =>
        Assert.Equal(PublishOutcome.Published, (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("set", value, key))).Outcome);

    private async Task SetManyAsync(Replica replica, int count, string value) =>
        await replica.Publisher.PublishAsync(
            Topic,
            [.. Enumerable.Range(0, count).Select(n => EventMessage.Text("set", $"{value} {new string('x', 100)}", $"k{n}"))]
        );

    private async Task AssertIsStateAsync(Replica replica, Copy copy)
    {
        var log = await replica.Log.ReadStateAsync(Topic);
        Assert.Equal(
            log.Events.Select(e => (e.Id.Offset, Encoding.UTF8.GetString(e.Payload.Span))).Order(),
            copy.ById.Select(pair => (pair.Key, pair.Value)).Order()
        );
    }

    // What a client keeps that knows nothing but the state's keys and the ids of events. Events do not say their keys: the test's data
    // does.
    private sealed class Copy
    {
        private readonly Dictionary<string, (long Offset, string Value)> _entries = [];

        public int Parts { get; private set; }

        public int Beginnings { get; private set; }

        public int Repeated { get; private set; }

        public int LiveEvents { get; private set; }

        public bool IsComplete { get; private set; }

        public long Offset { get; private set; }

        public IEnumerable<KeyValuePair<string, string>> Values => _entries.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Value));

        public IEnumerable<KeyValuePair<long, string>> ById =>
            _entries.Values.Select(entry => KeyValuePair.Create(entry.Offset, entry.Value));

        public void Take(SseBlock block)
        {
            switch (block.Type)
            {
                case StreamEventTypes.Open:
                    break;
                case StreamEventTypes.State:
                    TakeState(block);
                    break;
                case "set" or "removed":
                    Assert.True(IsComplete, $"The event {block.Id} came before the state was complete.");
                    Assert.True(EventId.TryParse(block.Id, out var id));
                    Assert.Equal(Offset + 1, id.Offset);
                    Offset = id.Offset;
                    LiveEvents++;
                    if (block.Type == "removed")
                        _entries.Remove(block.Data!);
                    else
                        _entries[KeyOf(id.Offset, block.Data!)] = (id.Offset, block.Data!);
                    break;
                default:
                    Assert.Fail($"{block.Type}: {block.Data}");
                    break;
            }
        }

        private void TakeState(SseBlock block)
        {
            var state = JsonDocument.Parse(block.Data!).RootElement;
            Assert.Equal(block.Id, state.GetProperty("cursor").GetString());
            Parts++;
            if (state.GetProperty("first").GetBoolean())
            {
                Beginnings++;
                _entries.Clear();
            }
            foreach (var e in state.GetProperty("events").EnumerateArray())
            {
                Assert.True(EventId.TryParse(e.GetProperty("id").GetString(), out var id));
                if (!_entries.TryAdd(e.GetProperty("key").GetString()!, (id.Offset, e.GetProperty("data").GetString()!)))
                    Repeated++;
            }
            IsComplete = state.GetProperty("last").GetBoolean();
            if (IsComplete && EventId.TryParse(block.Id, out var asOf))
                Offset = asOf.Offset;
        }

        private string KeyOf(long offset, string data) =>
            data switch
            {
                "live" => "k0",
                "changed" => _entries.TryGetValue("k1", out var one) && one.Value == "changed" ? "k39" : "k1",
                ['v', .. var number] when int.TryParse(number, out var n) => $"k{n % 100}",
                _ => $"event {offset}",
            };
    }
}

public sealed class RedisStateStreamTests(RedisServers servers) : StateStreamContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class GarnetStateStreamTests(RedisServers servers) : StateStreamContract(servers, RedisServerKind.Garnet, isDirect: true);

public sealed class BodyWriterStateStreamTests(RedisServers servers) : StateStreamContract(servers, RedisServerKind.Redis, isDirect: false);
