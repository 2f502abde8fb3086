using Dashboard.Components.Live;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Traces;

namespace Tests.Unit.Dashboards;

public sealed class TraceTreeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Spans_stand_below_their_parents_in_the_order_of_their_starts()
    {
        var tree = Tree(Span(1), Span(2, parent: 1, at: 20), Span(3, parent: 2, at: 30), Span(4, parent: 1, at: 10), Span(5, parent: 99, at: 40));

        Assert.Equal([(1UL, 0), (4UL, 1), (2UL, 1), (3UL, 2), (5UL, 0)], tree.Rows.Select(r => (r.Span.Id.Value, r.Depth)));
        Assert.Equal(3, tree.Depth);
        Assert.Equal([1UL, 4, 2, 5], tree.Visible(new HashSet<SpanId> { new(2) }).Select(r => r.Span.Id.Value));
        Assert.Equal([1UL, 5], tree.Visible(new HashSet<SpanId> { new(1) }).Select(r => r.Span.Id.Value));
        Assert.Equal(0.5, tree.Place(Start.AddMilliseconds(25)));
    }

    [Fact]
    public void Spans_that_go_round_in_a_circle_end()
    {
        var tree = Tree(Span(1), Span(2, parent: 2), Span(3, parent: 4), Span(4, parent: 3));
        Assert.Equal([1UL, 2], tree.Rows.Select(r => r.Span.Id.Value));
    }

    [Fact]
    public void A_deep_trace_does_not_exhaust_the_stack()
    {
        var spans = Enumerable.Range(1, 10_000).Select(i => Span((ulong)i, parent: i == 1 ? null : (ulong)i - 1)).ToArray();
        Assert.Equal(10_000, Tree(spans).Depth);
    }

    private static TraceTree Tree(params Span[] spans)
    {
        var store = new TraceStore(new());
        store.Add(spans);
        return new(store.Find(new TraceId(1))!, []);
    }

    private static Span Span(ulong id, ulong? parent = null, int at = 0) => new()
    {
        TraceId = new(1),
        Id = new(id),
        ParentId = parent is { } p ? new(p) : null,
        Resource = new("api", "one", []),
        Name = "span",
        Start = Start.AddMilliseconds(at),
        Duration = TimeSpan.FromMilliseconds(50 - at),
    };
}
