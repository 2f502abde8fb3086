using System.Globalization;
using EventStreams.Redis;

namespace Tests.Unit.Streams;

public sealed class CallBatcherTests
{
    private readonly List<(int[] Items, TaskCompletionSource<int[]> Answer)> _calls = [];

    [Fact]
    public async Task What_comes_while_calls_are_under_way_goes_out_together_and_in_order()
    {
        var batcher = Create(maxItems: 3);
        var asked = Enumerable.Range(1, 7).Select(item => Ask(batcher, item)).ToList();
        Assert.Equal(
            [
                [1],
                [2],
            ],
            Sent()
        );
        Answer(0);
        Assert.Equal(10, await asked[0]);
        Assert.Equal(
            [
                [1],
                [2],
                [3, 4, 5],
            ],
            Sent()
        );
        Answer(1);
        Answer(2);
        Answer(3);
        Assert.Equal(Tens(7), await Task.WhenAll(asked));
        Assert.Equal(
            [
                [1],
                [2],
                [3, 4, 5],
                [6, 7],
            ],
            Sent()
        );
        // At rest again, nothing waits.
        _ = Ask(batcher, 8);
        Assert.Equal([8], Sent()[^1]);
    }

    [Fact]
    public async Task Items_that_a_call_has_left_out_go_out_again_before_what_came_after_them()
    {
        var batcher = Create(maxItems: 3);
        var asked = Enumerable.Range(1, 6).Select(item => Ask(batcher, item)).ToList();
        Answer(0);
        Answer(2, answered: 1);
        Assert.Equal([4, 5, 6], Sent()[^1]);
        Answer(1);
        Answer(3);
        Assert.Equal(Tens(6), await Task.WhenAll(asked));
    }

    [Fact]
    public async Task A_call_has_so_many_bytes_at_the_most_and_at_least_one_item()
    {
        var batcher = Create(maxItems: 100, maxBytes: 10);
        var asked = "1 2 4 6 1 50 3".Split().Select(size => Ask(batcher, int.Parse(size, CultureInfo.InvariantCulture))).ToList();
        for (var i = 0; i < 6; i++)
            Answer(i);
        await Task.WhenAll(asked);
        Assert.Equal(
            [
                [1],
                [2],
                [4, 6],
                [1],
                [50],
                [3],
            ],
            Sent()
        );
    }

    [Fact]
    public async Task A_failure_is_everybodys_who_has_waited_for_long_and_of_no_one_who_came_later()
    {
        var batcher = Create(maxItems: 2);
        var asked = Enumerable.Range(1, 5).Select(item => Ask(batcher, item)).ToList();
        await Task.Delay(200);
        var later = Ask(batcher, 6);
        _calls[0].Answer.SetException(new TimeoutException());
        foreach (var lost in asked.Except([asked[1]]))
            await Assert.ThrowsAsync<TimeoutException>(() => lost);
        Answer(1);
        Assert.Equal(20, await asked[1]);
        Assert.Equal([6], Sent()[^1]);
        Answer(2);
        Assert.Equal(60, await later);
    }

    [Fact]
    public async Task What_has_gathered_can_be_sent_before_its_time()
    {
        var batcher = Create(maxItems: 2);
        var asked = Enumerable.Range(1, 5).Select(item => Ask(batcher, item)).ToList();
        batcher.Flush();
        Assert.Equal(
            [
                [1],
                [2],
                [3, 4],
                [5],
            ],
            Sent()
        );
        for (var i = 0; i < 4; i++)
            Answer(i);
        await Task.WhenAll(asked);
        // Two at a time again.
        _ = Ask(batcher, 6);
        _ = Ask(batcher, 7);
        _ = Ask(batcher, 8);
        Assert.Equal([7], Sent()[^1]);
    }

    [Fact]
    public async Task One_that_is_idle_is_let_go_of_and_takes_nothing_more()
    {
        var ends = 0;
        var batcher = Create(maxItems: 2, onIdle: () => ends++);
        var asked = Enumerable.Range(1, 3).Select(item => Ask(batcher, item)).ToList();
        Answer(0);
        Answer(1);
        Assert.Equal(0, ends);
        Answer(2);
        await Task.WhenAll(asked);
        Assert.Equal(1, ends);
        Assert.False(batcher.TryRun(4, out _));
    }

    private static Task<int> Ask(CallBatcher<int, int> batcher, int item)
    {
        Assert.True(batcher.TryRun(item, out var answer));
        return answer;
    }

    private CallBatcher<int, int> Create(int maxItems, int maxBytes = int.MaxValue, Action? onIdle = null)
    {
        // So that what follows an answer has happened when the answer has been given.
        SynchronizationContext.SetSynchronizationContext(null);
        return new CallBatcher<int, int>(
            2,
            maxItems,
            maxBytes,
            static item => item,
            items =>
            {
                var answer = new TaskCompletionSource<int[]>();
                _calls.Add((items, answer));
                return answer.Task;
            },
            onIdle
        );
    }

    private static IEnumerable<int> Tens(int count) => Enumerable.Range(1, count).Select(item => item * 10);

    private List<int[]> Sent() => [.. _calls.Select(call => call.Items)];

    private void Answer(int call, int answered = int.MaxValue) =>
        _calls[call].Answer.SetResult([.. _calls[call].Items.Take(answered).Select(item => item * 10)]);
}
