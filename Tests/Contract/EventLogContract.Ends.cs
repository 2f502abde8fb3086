using System.Text;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The end of a topic, and what opens it again.</summary>
public abstract partial class EventLogContract
{
    [Fact]
    public async Task A_large_batch_that_ends_the_topic_ends_it_behind_its_last_event()
    {
        var replica = await StartReplicaAsync("a");
        var results = await replica.Publisher.PublishAsync(
            Topic,
            [.. Numbers(1, 350).Select(n => EventMessage.Text("note", n))],
            new PublishOptions { End = true }
        );
        Assert.Equal(350, results.Count);
        Assert.Equal(351, (await replica.Log.GetPositionAsync(Topic)).End?.Offset);
        var refused = await replica.Publisher.PublishAsync(Topic, [.. Numbers(1, 350).Select(n => EventMessage.Text("note", n))]);
        Assert.Equal(350, refused.Count(r => r.Outcome == PublishOutcome.Ended));
    }

    [Fact]
    public async Task An_ended_topic_takes_nothing_until_it_is_reopened()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "1");
        var end = await replica.Publisher.EndAsync(Topic);
        Assert.Equal(PublishOutcome.Published, end.Outcome);
        Assert.Equal(end.Id, (await replica.Log.GetPositionAsync(Topic)).End);

        Assert.Equal(
            new PublishResult(PublishOutcome.Ended, end.Id),
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"))
        );
        Assert.Equal(new PublishResult(PublishOutcome.Ended, end.Id), await replica.Publisher.EndAsync(Topic));

        var reopened = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), new PublishOptions { Reopen = true });
        Assert.Equal(PublishOutcome.Published, reopened.Outcome);
        Assert.Equal(3, reopened.Id.Offset);
        Assert.Null((await replica.Log.GetPositionAsync(Topic)).End);
    }

    [Fact]
    public async Task A_repeated_reopening_does_not_undo_the_end_that_came_after_it()
    {
        var replica = await StartReplicaAsync("a");
        await replica.Publisher.EndAsync(Topic);
        var reopen = new PublishOptions
        {
            Reopen = true,
            ProducerId = "p",
            Sequence = 1,
        };
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), reopen);
        var end = await replica.Publisher.EndAsync(Topic);
        Assert.Equal(
            PublishOutcome.Duplicate,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), reopen)).Outcome
        );
        Assert.Equal(end.Id, (await replica.Log.GetPositionAsync(Topic)).End);
    }

    [Fact]
    public async Task The_last_event_and_the_end_are_one_step_that_can_be_retried()
    {
        var replica = await StartReplicaAsync("a");
        var options = new PublishOptions
        {
            ProducerId = "p",
            Sequence = 1,
            End = true,
        };
        var done = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("done", "x"), options);
        Assert.Equal(
            new PublishResult(PublishOutcome.Duplicate, done.Id),
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("done", "x"), options)
        );
        var page = await replica.Log.ReadAsync(Topic, 0, 10);
        Assert.Equal(["done", StreamEventTypes.End], page.Events.Select(e => e.Type));
        Assert.Equal(page.Events[1].Id, page.Position.End);
    }
}
