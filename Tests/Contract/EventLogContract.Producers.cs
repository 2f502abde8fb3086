using System.Text;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Producers that repeat, overtake and are replaced.</summary>
public abstract partial class EventLogContract
{
    [Fact]
    public async Task A_producer_that_retries_makes_no_duplicate()
    {
        var replica = await StartReplicaAsync("a");
        var first = new PublishOptions { ProducerId = "p", Sequence = 1 };
        var second = new PublishOptions { ProducerId = "p", Sequence = 2 };
        var one = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), first);
        var two = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), second);
        Assert.Equal(
            new PublishResult(PublishOutcome.Duplicate, two.Id),
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), second)
        );
        Assert.Equal(
            PublishOutcome.Duplicate,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), first)).Outcome
        );
        Assert.Equal(
            PublishOutcome.Published,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), first with { ProducerId = "q" })).Outcome
        );
        Assert.Equal(PublishOutcome.Published, one.Outcome);
        Assert.Equal(3, (await replica.Log.GetPositionAsync(Topic)).Tail?.Offset);
    }

    [Fact]
    public async Task A_batch_that_is_retried_appends_only_what_is_new()
    {
        var replica = await StartReplicaAsync("a");
        var options = new PublishOptions { ProducerId = "p", Sequence = 1 };
        await replica.Publisher.PublishAsync(Topic, [.. Numbers(1, 3).Select(n => EventMessage.Text("note", n))], options);
        var again = await replica.Publisher.PublishAsync(Topic, [.. Numbers(1, 5).Select(n => EventMessage.Text("note", n))], options);
        Assert.Equal(
            [
                PublishOutcome.Duplicate,
                PublishOutcome.Duplicate,
                PublishOutcome.Duplicate,
                PublishOutcome.Published,
                PublishOutcome.Published,
            ],
            again.Select(r => r.Outcome)
        );
        Assert.Equal(
            Numbers(1, 5),
            (await replica.Log.ReadAsync(Topic, 0, 10)).Events.Select(e => Encoding.UTF8.GetString(e.Payload.Span))
        );
    }

    [Fact]
    public async Task A_call_that_has_overtaken_its_predecessor_is_refused()
    {
        var replica = await StartReplicaAsync("a");
        var first = new PublishOptions { ProducerId = "p", Sequence = 1 };
        var second = new PublishOptions
        {
            ProducerId = "p",
            Sequence = 2,
            InSequence = true,
        };
        Assert.Equal(
            PublishOutcome.OutOfOrder,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), second)).Outcome
        );
        Assert.Equal(PublishOutcome.OutOfOrder, (await replica.Publisher.EndAsync(Topic, second)).Outcome);
        var large = await replica.Publisher.PublishAsync(Topic, [.. Numbers(2, 251).Select(n => EventMessage.Text("note", n))], second);
        Assert.Equal(250, large.Count(r => r.Outcome == PublishOutcome.OutOfOrder));
        Assert.Null((await replica.Log.GetPositionAsync(Topic)).Tail);

        Assert.Equal(
            PublishOutcome.Published,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), first)).Outcome
        );
        Assert.Equal(
            PublishOutcome.Published,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), second)).Outcome
        );
        Assert.Equal(
            PublishOutcome.Duplicate,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), second)).Outcome
        );
        Assert.Equal(["1", "2"], (await replica.Log.ReadAsync(Topic, 0, 10)).Events.Select(e => Encoding.UTF8.GetString(e.Payload.Span)));
    }

    [Fact]
    public async Task A_producer_may_have_many_calls_in_flight_even_while_the_scripts_are_lost()
    {
        var replica = await StartReplicaAsync("a");
        var other = await StartReplicaAsync("b");
        using var connection = await Server.ConnectAsync();
        const int Events = 300;
        var stored = 0;
        for (var round = 0; stored < Events && round < 100; round++)
        {
            // Whoever comes next teaches the script anew: in the middle of these calls it may be this replica or the other.
            await connection.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");
            var from = stored + 1;
            var calls = Enumerable
                .Range(from, Math.Min(60, Events - stored))
                .Select(n =>
                    replica
                        .Publisher.PublishAsync(
                            Topic,
                            EventMessage.Text("note", $"n{n}"),
                            new PublishOptions
                            {
                                ProducerId = "p",
                                Sequence = n,
                                InSequence = n > from,
                            }
                        )
                        .AsTask()
                )
                .ToList();
            var noise = other.Publisher.PublishAsync(Topic, EventMessage.Text("noise", "x"));
            foreach (var result in await Task.WhenAll(calls))
            {
                if (result.Outcome == PublishOutcome.OutOfOrder)
                    break;
                stored++;
            }
            await noise;
        }
        var notes = (await replica.Log.ReadAsync(Topic, 0, 1000)).Events.Where(e => e.Type == "note");
        Assert.Equal(Numbers(1, Events), notes.Select(e => Encoding.UTF8.GetString(e.Payload.Span)));
    }

    [Fact]
    public async Task Large_batches_in_flight_together_keep_their_order()
    {
        var replica = await StartReplicaAsync("a", options => options.PageBytes = 2 * 1024 * 1024);
        using var connection = await Server.ConnectAsync();
        await connection.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");
        var batches = Enumerable
            .Range(0, 4)
            .Select(b =>
                replica
                    .Publisher.PublishAsync(
                        Topic,
                        [.. Numbers(1, 2500).Select(n => EventMessage.Text($"b{b}", n))],
                        b % 2 == 0
                            ? null
                            : new PublishOptions
                            {
                                ProducerId = $"p{b}",
                                Sequence = 1,
                                End = false,
                            }
                    )
                    .AsTask()
            );
        var results = await Task.WhenAll(batches);
        Assert.All(results.SelectMany(r => r), r => Assert.Equal(PublishOutcome.Published, r.Outcome));
        var events = (await replica.Log.ReadAsync(Topic, 0, 10_000)).Events;
        Assert.Equal(10_000, events.Count);
        for (var b = 0; b < 4; b++)
        {
            Assert.Equal(Numbers(1, 2500), events.Where(e => e.Type == $"b{b}").Select(e => Encoding.UTF8.GetString(e.Payload.Span)));
            Assert.Equal(results[b].Select(r => r.Id), events.Where(e => e.Type == $"b{b}").Select(e => e.Id));
        }
    }

    [Fact]
    public async Task A_stale_producer_is_refused()
    {
        var replica = await StartReplicaAsync("a");
        var message = EventMessage.Text("note", "x");
        Assert.Equal(
            PublishOutcome.Published,
            (await replica.Publisher.PublishAsync(Topic, message, new PublishOptions { FencingToken = 7 })).Outcome
        );
        Assert.Equal(
            PublishOutcome.Published,
            (await replica.Publisher.PublishAsync(Topic, message, new PublishOptions { FencingToken = 8 })).Outcome
        );
        Assert.Equal(
            PublishOutcome.Fenced,
            (await replica.Publisher.PublishAsync(Topic, message, new PublishOptions { FencingToken = 7 })).Outcome
        );
        Assert.Equal(PublishOutcome.Fenced, (await replica.Publisher.EndAsync(Topic, new PublishOptions { FencingToken = 7 })).Outcome);
        Assert.Equal(PublishOutcome.Published, (await replica.Publisher.PublishAsync(Topic, message)).Outcome);
        Assert.Equal(3, (await replica.Log.GetPositionAsync(Topic)).Tail?.Offset);
    }
}
