using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Components.Live;

/// <summary>The spans of a trace as a tree: each below the one that it was started in, in the order of their starts.</summary>
internal sealed class TraceTree
{
    private readonly ILookup<SpanId, LogEntry> _logs;

    public TraceTree(TraceDetail trace, IReadOnlyList<LogEntry> logs)
    {
        Trace = trace;
        _logs = logs.Where(l => l.SpanId is not null).ToLookup(l => l.SpanId!.Value);
        var ids = trace.Spans.Select(s => s.Id).ToHashSet();

        // A span whose parent has not arrived stands at the top.
        var children = trace.Spans.ToLookup(s => s.ParentId is { } parent && ids.Contains(parent) && parent != s.Id ? parent : default);
        var rows = new List<TraceRow>(trace.Spans.Count);
        var seen = new HashSet<SpanId>();
        var open = new Stack<(Span Span, int Depth)>(children[default].Reverse().Select(s => (s, 0)));
        while (open.TryPop(out var next))
        {
            // Who is his own grandparent would have no end.
            if (!seen.Add(next.Span.Id))
            {
                continue;
            }

            rows.Add(new(next.Span, next.Depth, children[next.Span.Id].Any()));
            foreach (var child in children[next.Span.Id].Reverse())
            {
                open.Push((child, next.Depth + 1));
            }
        }

        Rows = rows;
        Depth = rows.Count == 0 ? 0 : rows.Max(r => r.Depth) + 1;
    }

    public TraceDetail Trace { get; }

    /// <summary>All spans in the order in which they stand below each other.</summary>
    public IReadOnlyList<TraceRow> Rows { get; }

    /// <summary>How many levels there are.</summary>
    public int Depth { get; }

    /// <summary>The rows without those below folded ones.</summary>
    public List<TraceRow> Visible(IReadOnlySet<SpanId> folded)
    {
        var visible = new List<TraceRow>(Rows.Count);
        var hiddenBelow = int.MaxValue;
        foreach (var row in Rows)
        {
            if (row.Depth > hiddenBelow)
            {
                continue;
            }

            visible.Add(row);
            hiddenBelow = folded.Contains(row.Span.Id) ? row.Depth : int.MaxValue;
        }

        return visible;
    }

    public IEnumerable<LogEntry> LogsOf(Span span) => _logs[span.Id];

    /// <summary>Where in the trace a moment is, from 0 to 1.</summary>
    public double Place(DateTimeOffset time) =>
        Trace.Summary.Duration <= TimeSpan.Zero ? 0 : Math.Clamp((time - Trace.Summary.Start) / Trace.Summary.Duration, 0, 1);
}

/// <summary>A span at its place in the tree.</summary>
internal sealed record TraceRow(Span Span, int Depth, bool HasChildren);
