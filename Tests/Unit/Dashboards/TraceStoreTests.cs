using Dashboard.Telemetry;
using Dashboard.Telemetry.Traces;

namespace Tests.Unit.Dashboards;

public sealed class TraceStoreTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TelemetryResource Web = new("web", "one", []);
    private static readonly TelemetryResource Api = new("api", "one", []);

    [Fact]
    public void A_trace_is_summed_up_whatever_the_order_in_which_its_spans_come()
    {
        var store = new TraceStore(new());
        store.Add([Span(1, 2, parent: 1, at: 10, lasts: 50, resource: Api, failed: true)]);
        store.Add([Span(1, 1, at: 0, lasts: 40, name: "POST /jobs", resource: Web), Span(1, 3, parent: 2, at: 20, lasts: 5, resource: Api)]);
        // A sender that got no answer sends again.
        store.Add([Span(1, 3, parent: 2, at: 20, lasts: 5, resource: Api)]);

        var trace = Assert.Single(store.Query(new()).Traces);
        Assert.Equal(("POST /jobs", Web, Start, TimeSpan.FromMilliseconds(60), 3, 1), (trace.Name, trace.Root, trace.Start, trace.Duration, trace.Spans, trace.Errors));
        Assert.Equal([new TraceResource(Api, 2, 1), new TraceResource(Web, 1, 0)], trace.Resources);
        Assert.Equal([1UL, 2, 3], store.Find(trace.Id)!.Spans.Select(s => s.Id.Value));
    }

    [Fact]
    public void Links_are_found_from_both_ends_until_their_source_is_gone()
    {
        var store = new TraceStore(new TelemetryLimits { MaxTraces = 2 });
        store.Add([Span(2, 1, links: [(1, 1)]), Span(1, 1)]);

        var backlink = Assert.Single(store.Find(new TraceId(1))!.Backlinks);
        Assert.Equal((new SpanId(1), new TraceId(2)), (backlink.Target, backlink.Source.TraceId));
        Assert.Equal("span", store.Find(new TraceId(1), new SpanId(1))!.Name);

        store.Add([Span(3, 1)]);

        // The trace that linked was the oldest.
        Assert.Null(store.Find(new TraceId(2)));
        Assert.Empty(store.Find(new TraceId(1))!.Backlinks);
        Assert.Equal(1, store.Query(new()).Dropped);
    }

    [Fact]
    public void Conditions_narrow_what_is_found()
    {
        var store = new TraceStore(new());
        store.Add(
        [
            Span(1, 1, name: "GET /jobs", lasts: 100),
            Span(2, 1, name: "POST /jobs", resource: Api, failed: true),
            Span(3, 1, name: "publish", attributes: new TelemetryAttribute("topic", "news")),
        ]);

        Assert.Equal([2U], Found(new() { OnlyErrors = true }));
        Assert.Equal([2U], Found(new() { Resource = "api" }));
        Assert.Equal([2U, 1U], Found(new() { Text = "/JOBS" }));
        Assert.Equal([3U], Found(new() { Text = new TraceId(3).ToString() }));
        Assert.Equal([1U], Found(new() { MinDuration = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal([3U], Found(new() { Attributes = [new("topic", FilterOperation.Exists)] }));
        Assert.Equal([3U, 2U], Found(new() { Limit = 2 }));

        IEnumerable<uint> Found(TraceQuery query) => store.Query(query).Traces.Select(t => (uint)t.Id.Value);
    }

    [Fact]
    public void Memory_stays_under_its_limit_and_comes_back()
    {
        var limits = new TelemetryLimits { MaxBytes = 1 << 20, MaxSpansPerTrace = 50 };
        var store = new TraceStore(limits);
        var large = new TelemetryAttribute("text", new string('x', 5_000));

        for (var trace = 1U; trace <= 100; trace++)
            Assert.Equal(0, store.Add([Span(trace, 1, attributes: large), Span(trace, 2, links: [(trace, 1)])]));
        Assert.InRange(store.Bytes, limits.TraceBytes / 2, limits.TraceBytes);

        // One trace that never ends.
        Assert.Equal(50, store.Add([.. Enumerable.Range(1, 100).Select(n => Span(1_000, (ulong)n))]));
        Assert.True(store.Add([.. Enumerable.Range(1, 49).Select(n => Span(1_001, (ulong)n, attributes: [large, large]))]) > 0);
        Assert.InRange(store.Bytes, 1, limits.TraceBytes);
        store.Clear(null);
        Assert.Equal(0, store.Bytes);
    }

    private static Span Span(
        uint trace, ulong id, ulong? parent = null, int at = 0, int lasts = 1, string name = "span", TelemetryResource? resource = null, bool failed = false,
        (uint Trace, ulong Span)[]? links = null, params TelemetryAttribute[] attributes) => new()
        {
            TraceId = new(trace),
            Id = new(id),
            ParentId = parent is { } value ? new(value) : null,
            Resource = resource ?? Web,
            Name = name,
            Start = Start.AddMilliseconds(at),
            Duration = TimeSpan.FromMilliseconds(lasts),
            Status = failed ? SpanStatus.Error : SpanStatus.Unset,
            Attributes = attributes,
            Links = [.. (links ?? []).Select(l => new SpanLink(new(l.Trace), new(l.Span), []))],
        };
}
