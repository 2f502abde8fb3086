using HistoryChecker;

namespace Tests.Unit.Histories;

/// <summary>The checker takes what is good, and finds each kind of what is not. The histories are written by hand.</summary>
public sealed class HistoryCheckTests
{
    private const string Topic = "news";

    private readonly List<HistoryLine> _lines = [];
    private long _now;

    [Fact]
    public void A_good_history_is_proved()
    {
        Join("a", "b");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Publish("3", "e-3");
        Deliver("a", "1", "2", "3");
        Deliver("b", "1", "2", "3");
        Leave("a", "b");
        var verdict = Check();
        Assert.True(verdict.IsGood, verdict.Report());
        Assert.Equal((3, 2, 6, 0), (verdict.Acknowledged, verdict.Readers, verdict.Deliveries, verdict.Repeats));
    }

    [Fact]
    public void A_repeat_that_is_stored_once_and_an_unknown_outcome_that_all_share_are_good()
    {
        Join("a", "b");
        Publish("1", outcome: AttemptOutcome.Unknown);
        Publish("1", "e-1");
        Publish("2", outcome: AttemptOutcome.Unknown);
        Publish("3", outcome: AttemptOutcome.Unknown);
        Publish("4", outcome: AttemptOutcome.Refused);
        Deliver("a", "1", "2");
        Deliver("b", "1", "2");
        Leave("a", "b");
        var verdict = Check();
        Assert.True(verdict.IsGood, verdict.Report());
        Assert.Equal((1, 2, 1, 1), (verdict.Acknowledged, verdict.Unknown, verdict.Refused, verdict.Repeats));
    }

    [Fact]
    public void What_is_told_as_gone_at_its_place_is_no_violation()
    {
        Join("a", "b");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Publish("3", "e-3");
        Deliver("a", "1", "2", "3");
        Deliver("b", "1");
        Gap("b");
        Deliver("b", "3");
        Leave("a", "b");
        var verdict = Check();
        Assert.True(verdict.IsGood, verdict.Report());
        Assert.Equal((1, 1), (verdict.LostTold, verdict.Gaps));
    }

    [Fact]
    public void What_nobody_got_must_have_been_told_to_everybody_at_its_place()
    {
        Join("a");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Deliver("a", "1");
        Gap("a");
        Publish("3", "f-1");
        Deliver("a", "3");
        Leave("a");
        Assert.Equal((true, 1), (Check().IsGood, Check().LostTold));

        // The same with the notice at another place.
        _lines.RemoveAll(line => line.Kind == HistoryKind.Gap);
        _lines.Insert(1, new HistoryLine(HistoryKind.Gap, Topic, 1) { Reader = "a" });
        AssertOnly(ViolationKind.LostUntold);
    }

    [Fact]
    public void A_lost_event_that_nobody_told_is_found_in_the_middle()
    {
        Join("a", "b");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Publish("3", "e-3");
        Deliver("a", "1", "2", "3");
        Deliver("b", "1", "3");
        Leave("a", "b");
        AssertOnly(ViolationKind.LostUntold);
    }

    [Fact]
    public void A_lost_event_is_found_behind_a_notice_that_stands_elsewhere()
    {
        Join("a", "b");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Publish("3", "e-3");
        Deliver("a", "1", "2", "3");
        Gap("b");
        Deliver("b", "1", "3");
        Leave("a", "b");
        AssertOnly(ViolationKind.LostUntold);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_event_is_owed_to_whoever_had_the_time_to_get_it(bool isComplete)
    {
        Join("a");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Deliver("a", "1");
        _lines.Add(new HistoryLine(HistoryKind.Leave, Topic, ++_now) { Reader = "a", Complete = isComplete });
        if (isComplete)
            AssertOnly(ViolationKind.LostUntold);
        else
            Assert.True(Check().IsGood);
    }

    [Fact]
    public void An_event_without_an_answer_that_one_reader_got_is_owed_to_the_others()
    {
        Join("a", "b");
        Publish("1", outcome: AttemptOutcome.Unknown);
        Publish("2", "e-2");
        Deliver("a", "1", "2");
        Deliver("b", "2");
        Leave("a", "b");
        AssertOnly(ViolationKind.LostUntold);
    }

    [Fact]
    public void What_was_published_before_a_reader_came_is_not_owed_to_it()
    {
        Publish("1", "e-1");
        Join("a");
        Publish("2", "e-2");
        Deliver("a", "2");
        Leave("a");
        Assert.True(Check().IsGood);
    }

    [Fact]
    public void An_event_that_comes_again_is_found()
    {
        Join("a");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Deliver("a", "1", "2", "1");
        Leave("a");
        AssertOnly(ViolationKind.Duplicated);
    }

    [Fact]
    public void A_repeated_publish_that_was_stored_twice_is_found()
    {
        Join("a");
        Publish("1", outcome: AttemptOutcome.Unknown);
        Publish("1", "e-2");
        DeliverAs("a", "e-1", "1");
        DeliverAs("a", "e-2", "1");
        Leave("a");
        AssertOnly(ViolationKind.Duplicated);
    }

    [Fact]
    public void What_came_before_a_log_was_lost_and_is_published_again_is_good_while_no_reader_gets_both()
    {
        Join("a", "b");
        Publish("1", outcome: AttemptOutcome.Unknown);
        Publish("1", "f-1");
        DeliverAs("a", "e-1", "1");
        DeliverAs("b", "f-1", "1");
        Leave("a", "b");
        var verdict = Check();
        Assert.True(verdict.IsGood, verdict.Report());
    }

    [Fact]
    public void Readers_that_saw_two_events_in_two_orders_are_found()
    {
        Join("a", "b");
        _lines.Add(Attempt("1", 100, 900, "e-1"));
        _lines.Add(Attempt("2", 100, 900, "e-2"));
        Deliver("a", "1", "2");
        Deliver("b", "2", "1");
        Leave("a", "b");
        AssertOnly(ViolationKind.NoCommonOrder);
    }

    [Fact]
    public void An_order_against_that_of_the_publishers_is_found()
    {
        Join("a");
        Publish("1", "e-1");
        Publish("2", "e-2");
        Deliver("a", "2", "1");
        Leave("a");
        AssertOnly(ViolationKind.NoCommonOrder);
    }

    [Fact]
    public void A_circle_over_three_readers_is_found()
    {
        Join("a", "b", "c");
        foreach (var n in new[] { "1", "2", "3" })
            _lines.Add(Attempt(n, 100, 900, "e-" + n));
        Deliver("a", "1", "2");
        Deliver("b", "2", "3");
        Deliver("c", "3", "1");
        Assert.Equal(1, Check().Count(ViolationKind.NoCommonOrder));
    }

    [Fact]
    public void What_nobody_published_is_found()
    {
        Join("a");
        Publish("1", "e-1");
        Deliver("a", "1", "2");
        Leave("a");
        AssertOnly(ViolationKind.FromNowhere);
    }

    [Fact]
    public void What_was_refused_and_came_all_the_same_is_found()
    {
        Join("a");
        Publish("1", outcome: AttemptOutcome.Refused);
        Deliver("a", "1");
        Leave("a");
        AssertOnly(ViolationKind.RefusedDelivered);
    }

    [Fact]
    public void One_id_of_two_contents_is_found()
    {
        Join("a", "b");
        Publish("1", "e-1");
        Publish("2", outcome: AttemptOutcome.Unknown);
        Deliver("a", "1");
        DeliverAs("b", "e-1", "2");
        Assert.Equal(1, Check().Count(ViolationKind.IdOfTwoContents));
    }

    [Fact]
    public void One_id_of_two_contents_is_found_in_the_answer_to_a_publish_too()
    {
        Join("a");
        Publish("1", outcome: AttemptOutcome.Unknown);
        Publish("2", "e-1");
        DeliverAs("a", "e-1", "1");
        Assert.Equal(1, Check().Count(ViolationKind.IdOfTwoContents));
    }

    private static HistoryLine Attempt(string content, long began, long ended, string? id, AttemptOutcome? outcome = null) =>
        new(HistoryKind.Publish, Topic, began)
        {
            Ended = ended,
            Content = content,
            Id = id,
            Outcome = outcome ?? AttemptOutcome.Acknowledged,
        };

    private void Publish(string content, string? id = null, AttemptOutcome? outcome = null) =>
        _lines.Add(Attempt(content, ++_now, ++_now, id, outcome));

    private void Join(params string[] readers)
    {
        foreach (var reader in readers)
            _lines.Add(new HistoryLine(HistoryKind.Join, Topic, _now) { Reader = reader });
    }

    private void Deliver(string reader, params string[] contents)
    {
        foreach (var content in contents)
            DeliverAs(reader, _lines.Find(line => line.Content == content && line.Id is not null)?.Id ?? "e-" + content, content);
    }

    private void DeliverAs(string reader, string id, string content) =>
        _lines.Add(
            new HistoryLine(HistoryKind.Delivery, Topic, ++_now)
            {
                Reader = reader,
                Id = id,
                Content = content,
            }
        );

    private void Gap(string reader) => _lines.Add(new HistoryLine(HistoryKind.Gap, Topic, ++_now) { Reader = reader });

    private void Leave(params string[] readers)
    {
        foreach (var reader in readers)
            _lines.Add(new HistoryLine(HistoryKind.Leave, Topic, ++_now) { Reader = reader, Complete = true });
    }

    private Verdict Check() => HistoryCheck.Of(_lines);

    private void AssertOnly(ViolationKind kind)
    {
        var verdict = Check();
        Assert.True(verdict.Violations.Select(violation => violation.Kind).SequenceEqual([kind]), verdict.Report());
    }
}
