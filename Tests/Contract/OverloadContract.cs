using System.Collections.Concurrent;
using System.Net;
using EventStreams.Client;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>A replica takes as many streams as it may, and sends the others away so that they come back.</summary>
public abstract class OverloadContract(RedisServers servers, RedisServerKind kind, bool isDirect, bool isMultiplexed = false)
    : EventStreamsContract(servers, kind, isDirect, isMultiplexed)
{
    private const string Rejected = "eventstreams.streams.rejected";

    [Fact]
    public async Task One_stream_too_many_is_told_to_come_back_later_and_the_others_go_on()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.MaxStreams = 3;
                options.OverloadRetry = TimeSpan.FromSeconds(20);
            }
        );
        using var meter = new MeterReader(replica);
        var streams = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => replica.OpenAsync(Topic)));
        for (var i = 0; i < 2; i++)
        {
            await using var rejected = await replica.OpenAsync(Topic);
            Assert.Equal(
                (HttpStatusCode.OK, "text/event-stream", true),
                (
                    rejected.Response.StatusCode,
                    rejected.Response.Content.Headers.ContentType?.ToString(),
                    rejected.Response.Headers.ConnectionClose
                )
            );
            var busy = await rejected.NextBlockAsync();
            Assert.Equal((null, "stream.busy", $"{{\"reason\":\"full\",\"retry\":{busy!.Retry}}}"), (busy.Id, busy.Type, busy.Data));
            Assert.InRange(int.Parse(busy.Retry!, System.Globalization.CultureInfo.InvariantCulture), 20_000, 40_000);
            Assert.Null(await rejected.NextBlockAsync());
        }
        Assert.Equal((2, 0), (meter.Sum(Rejected, "replica"), meter.Sum(Rejected, "address")));

        await streams[0].DisposeAsync();
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 2, "the stream is over");
        // The place is free only when the request is, a moment after the stream.
        SseStream? next = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                next = await replica.OpenAsync(Topic);
                if ((await next.NextEventAsync())?.Type == "stream.open")
                    return true;
                await next.DisposeAsync();
                return false;
            },
            "another stream gets the place"
        );
        await PublishAsync(replica, "1");
        foreach (var stream in streams.Skip(1).Append(next!))
        {
            Assert.Equal(["1"], await stream.TakeAsync(1));
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_that_comes_back_without_delay_is_held_and_gets_a_place_that_becomes_free()
    {
        // Held for 100 to 200 ms, so ten attempts take a second.
        var replica = await StartReplicaAsync("a", options => (options.MaxStreams, options.OverloadRetry) = (1, TimeSpan.FromSeconds(1)));
        var holder = await replica.OpenAsync(Topic);
        Assert.Equal("stream.open", (await holder.NextEventAsync())!.Type);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 10; i++)
        {
            await using var rejected = await replica.OpenAsync(Topic);
            Assert.Equal("stream.busy", (await rejected.NextEventAsync())!.Type);
        }
        Assert.InRange(watch.Elapsed.TotalSeconds, 1, 20);

        var patient = await StartReplicaAsync("b", options => (options.MaxStreams, options.OverloadRetry) = (1, TimeSpan.FromSeconds(10)));
        var first = await patient.OpenAsync(Topic);
        Assert.Equal("stream.open", (await first.NextEventAsync())!.Type);
        var second = patient.OpenAsync(Topic);
        await first.DisposeAsync();
        await using var served = await second;
        Assert.Equal("stream.open", (await served.NextEventAsync())!.Type);
        await holder.DisposeAsync();
    }

    [Fact]
    public async Task A_replica_that_stops_lets_its_streams_go_in_batches_serves_the_others_meanwhile_and_takes_no_more()
    {
        const int Streams = 150;
        var leaving = await StartReplicaAsync("a", options => options.DrainTime = TimeSpan.FromMinutes(1));
        var other = await StartReplicaAsync("b");
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => leaving.OpenAsync(Topic)));
        await Eventually.HoldsAsync(() => leaving.Hub.StreamCount == Streams, "the streams are open");

        // What a stop begins with; the server would close its door next.
        var draining = leaving.Hub.DrainAsync();
        await Eventually.HoldsAsync(() => leaving.Hub.StreamCount < Streams, "the first batch is let go");
        await using (var late = await leaving.OpenAsync(Topic))
        {
            Assert.True(await late.NextBlockAsync() is { Type: "stream.busy", Retry: not null });
            Assert.Null(await late.NextBlockAsync());
        }
        await PublishAsync(other, "still here");
        var served = 0;
        foreach (var stream in streams)
        {
            served += (await stream.NextAfterOpenAsync())?.Data == "still here" ? 1 : 0;
            await stream.DisposeAsync();
        }
        Assert.InRange(served, 1, Streams - 1);
        await draining;
    }

    [Fact]
    public async Task An_address_has_its_own_limit()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxStreamsPerAddress = 2);
        using var meter = new MeterReader(replica);
        var streams = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => replica.OpenAsync(Topic)));
        await using var rejected = await replica.OpenAsync(Topic);
        Assert.Equal(HttpStatusCode.OK, rejected.Response.StatusCode);
        Assert.Equal("stream.busy", (await rejected.NextEventAsync())!.Type);
        Assert.Null(await rejected.NextEventAsync());
        Assert.Equal((0, 1), (meter.Sum(Rejected, "replica"), meter.Sum(Rejected, "address")));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task Answers_that_are_no_streams_give_their_places_back()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxStreams = 1);
        await PublishAsync(replica, "1");
        var end = await replica.Publisher.EndAsync(Topic);
        for (var i = 0; i < 5; i++)
        {
            // The place may be given back a moment after the answer.
            await Eventually.HoldsAsync(
                async () =>
                {
                    await using var ended = await replica.OpenAsync(Topic, end.Id.ToString());
                    return ended.Response.StatusCode == HttpStatusCode.NoContent;
                },
                "the end is told"
            );
        }
    }

    [Fact]
    public async Task A_client_without_a_place_waits_for_one_and_misses_nothing()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.MaxStreams = 1;
                options.OverloadRetry = TimeSpan.FromMilliseconds(10);
            }
        );
        var holder = await replica.OpenAsync(Topic);
        Assert.Equal("stream.open", (await holder.NextEventAsync())!.Type);
        await PublishAsync(replica, "1", "2");
        var client = new EventStreamClient(replica.Client);
        var turnedAway = new ConcurrentQueue<StreamInterruption>();
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        var following = Task.Run(async () =>
        {
            var data = new List<string>();
            await foreach (
                var message in client.FollowAsync(
                    new Uri($"/streams/{Topic}", UriKind.Relative),
                    new FollowOptions { MaxDelay = TimeSpan.FromMilliseconds(100), Interrupted = turnedAway.Enqueue },
                    limit.Token
                )
            )
            {
                if (message.Kind == StreamMessageKind.Event)
                    data.Add(message.Data);
            }
            return data;
        });
        await Eventually.HoldsAsync(() => turnedAway.Count >= 2, "the client is turned away");
        Assert.All(turnedAway, interruption => Assert.Null(interruption.Error));
        await holder.DisposeAsync();
        await PublishAsync(replica, "3");
        await replica.Publisher.EndAsync(Topic);
        Assert.Equal(["1", "2", "3"], await following);
    }
}

public sealed class RedisOverloadTests(RedisServers servers) : OverloadContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class RedisOverloadThroughBodyWriterTests(RedisServers servers)
    : OverloadContract(servers, RedisServerKind.Redis, isDirect: false);
