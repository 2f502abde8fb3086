using Microsoft.Extensions.Time.Testing;
using Web.Fanout;

namespace Tests.Unit.Web;

/// <summary>What broke is told by what the viewers saw.</summary>
public sealed class RecoveryLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecoveryLog _log;

    public RecoveryLogTests() => _log = new RecoveryLog(_time);

    [Fact]
    public void Viewers_that_lose_a_replica_together_are_one_outage_told_with_its_cause_and_its_time()
    {
        _log.Announce("a", "was drained");
        Lose(1, "a");
        Pass(200);
        Lose(2, "a");
        Serve(1, "b");
        Settle();
        Assert.Empty(_log.Entries);
        Pass(600);
        Serve(2, "c");
        Settle();
        Assert.Empty(_log.Entries);
        Pass(500);
        Settle();
        Assert.Equal("Replica a was drained: 2 viewers moved in 0.8 s.", Assert.Single(_log.Entries).Text);
        Assert.Equal(new RecoverySum(1, 2, TimeSpan.FromMilliseconds(800)), _log.Sum);

        // The cause is that of one outage.
        Lose(3, "a");
        Lose(4, "a");
        Pass(100);
        Serve(3, "b");
        Serve(4, "b");
        Pass(500);
        Settle();
        Assert.Equal("Replica a lost 2 viewers, which moved in 0.1 s.", _log.Entries[0].Text);
    }

    [Fact]
    public void A_cause_that_is_announced_while_another_outage_is_told_is_that_of_the_next()
    {
        Lose(1, "a");
        Serve(1, "a");
        _log.Announce("a", "was killed");
        Pass(500);
        Settle();
        Lose(1, "a");
        Serve(1, "b");
        Pass(500);
        Settle();
        Assert.Equal("Replica a was killed: 1 viewer moved in 0.0 s.", _log.Entries[0].Text);
    }

    [Fact]
    public void One_viewer_is_told_by_its_name_and_one_that_is_not_wanted_any_more_holds_nothing_up()
    {
        Lose(ViewerReport.Window, "a");
        Lose(7, "b");
        Lose(8, "b");
        Pass(300);
        Serve(ViewerReport.Window, "a");
        Serve(7, "b");
        _log.Forget(8);
        Pass(500);
        Settle();
        Assert.Equal(
            ["Replica b lost 2 viewers, which moved in 0.3 s.", "This window lost its connection, and was served again after 0.3 s."],
            _log.Entries.Select(entry => entry.Text)
        );
    }

    [Fact]
    public void Replicas_and_Redis_are_told_when_they_go_and_when_they_come()
    {
        Settle(new("a", true), new("b", true));
        Assert.Empty(_log.Entries);
        Settle(new("a", false), new("b", true));
        _log.Settle([new("a", true), new("b", true)], isRedisUp: false);
        Pass(2000);
        Settle(new("a", true), new("b", true));
        Assert.Equal(
            [
                "Redis answers again, after 2.0 s.",
                "Redis does not answer. Streams stay open, and events wait at the publisher.",
                "Replica a runs again. Rebalance gives it viewers.",
                "Replica a does not answer.",
            ],
            _log.Entries.Select(entry => entry.Text)
        );
    }

    [Fact]
    public void Only_the_newest_sentences_are_kept()
    {
        for (var i = 0; i < RecoveryLog.MaxEntries; i++)
        {
            Settle(new ApiReplica("a", true));
            Settle(new ApiReplica("a", false));
        }
        Assert.Equal(RecoveryLog.MaxEntries, _log.Entries.Count);
        Assert.Equal((2 * RecoveryLog.MaxEntries) - 1, _log.Entries[0].Number);
    }

    private void Pass(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private void Settle(params ApiReplica[] replicas) => _log.Settle(replicas, isRedisUp: true);

    private void Lose(int viewer, string replica) => _log.Observe(Report(viewer, "open", replica), Report(viewer, "waiting", replica));

    private void Serve(int viewer, string replica) => _log.Observe(Report(viewer, "waiting", replica), Report(viewer, "open", replica));

    private static ViewerReport Report(int viewer, string state, string replica) =>
        ViewerReport.New(viewer) with
        {
            State = state,
            Replica = replica,
        };
}
