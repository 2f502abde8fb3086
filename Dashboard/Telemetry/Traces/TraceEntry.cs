namespace Dashboard.Telemetry.Traces;

/// <summary>A trace as the store keeps it; what the list shows is kept up to date with each span, as lists are asked for far more often than traces.</summary>
internal sealed class TraceEntry(TraceId id)
{
    private const int OwnBytes = 320;

    private readonly List<TraceResource> _resources = [];
    private readonly HashSet<SpanId> _ids = [];
    private Span? _named;
    private DateTimeOffset _start = DateTimeOffset.MaxValue;
    private DateTimeOffset _end = DateTimeOffset.MinValue;
    private int _errors;

    public TraceId Id => id;

    public List<Span> Spans { get; } = [];

    public long Bytes { get; private set; } = OwnBytes;

    public TimeSpan Duration => _end - _start;

    /// <summary>False for a span that is there already: a sender that got no answer sends again.</summary>
    public bool TryAdd(Span span)
    {
        if (!_ids.Add(span.Id))
        {
            return false;
        }

        Spans.Add(span);
        Bytes += span.Bytes;
        _start = span.Start < _start ? span.Start : _start;
        _end = span.End > _end ? span.End : _end;
        var failed = span.Status == SpanStatus.Error ? 1 : 0;
        _errors += failed;
        if (_named is null || Rank(span).CompareTo(Rank(_named)) < 0)
        {
            _named = span;
        }

        var at = _resources.FindIndex(r => ReferenceEquals(r.Resource, span.Resource));
        if (at < 0)
        {
            _resources.Add(new(span.Resource, 1, failed));
        }
        else
        {
            _resources[at] = _resources[at] with { Spans = _resources[at].Spans + 1, Errors = _resources[at].Errors + failed };
        }

        return true;
    }

    public bool Accepts(TraceQuery query) =>
        (!query.OnlyErrors || _errors > 0)
        && Duration >= query.MinDuration
        && (query.Resource is null || _resources.Exists(r => r.Resource.Matches(query.Resource)))
        && (string.IsNullOrEmpty(query.Text) || HasText(query.Text))
        && query.Attributes.All(filter => Spans.Exists(s => filter.Accepts(s.Attributes)));

    public TraceSummary Summarise() => new(id, _named!.Name, _named.Resource, _start, Duration, Spans.Count, _errors, [.. _resources]);

    private bool HasText(string text) =>
        Spans.Exists(s => s.Name.Contains(text, StringComparison.OrdinalIgnoreCase)) || id.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase);

    // A root before a span that has a parent, then the earlier one.
    private static (bool HasParent, DateTimeOffset Start) Rank(Span span) => (span.ParentId is not null, span.Start);
}
