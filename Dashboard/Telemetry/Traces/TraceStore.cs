namespace Dashboard.Telemetry.Traces;

/// <summary>The newest traces, as many as the limits allow. All calls may come from any thread.</summary>
public sealed class TraceStore(TelemetryLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TraceId, LinkedListNode<TraceEntry>> _byId = [];
    private readonly LinkedList<TraceEntry> _traces = [];
    private readonly Dictionary<(TraceId, SpanId), List<Span>> _linksTo = [];
    private long _bytes;
    private long _dropped;

    /// <summary>Raised after each batch of new spans.</summary>
    public ChangeSignal Changes { get; } = new();

    /// <summary>The memory that the traces take, by estimate.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Finds traces; takes some milliseconds at most with the usual limits, somewhat more when it must look into their spans.</summary>
    public TracePage Query(TraceQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
        {
            var found = new List<TraceSummary>();
            var matching = 0;
            var longest = TimeSpan.Zero;
            for (var node = _traces.Last; node is not null; node = node.Previous)
            {
                if (!node.Value.Accepts(query))
                {
                    continue;
                }

                matching++;
                longest = node.Value.Duration > longest ? node.Value.Duration : longest;
                if (found.Count < query.Limit)
                {
                    found.Add(node.Value.Summarise());
                }
            }

            return new(found, matching, _traces.Count, _dropped, longest);
        }
    }

    /// <summary>A whole trace; null when it is not kept (any more).</summary>
    public TraceDetail? Find(TraceId id)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(id, out var node))
            {
                return null;
            }

            var spans = node.Value.Spans.OrderBy(s => s.Start).ThenByDescending(s => s.Duration).ToList();
            var backlinks = spans.SelectMany(s => _linksTo.TryGetValue((id, s.Id), out var sources) ? sources.Select(source => new Backlink(s.Id, source)) : []);
            return new(node.Value.Summarise(), spans, [.. backlinks]);
        }
    }

    /// <summary>One span; null when it is not kept (any more).</summary>
    public Span? Find(TraceId trace, SpanId span)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(trace, out var node) ? node.Value.Spans.Find(s => s.Id == span) : null;
        }
    }

    /// <summary>Forgets the traces that went through a service or one process, or all.</summary>
    public void Clear(string? resource)
    {
        lock (_lock)
        {
            var query = new TraceQuery { Resource = resource };
            for (var node = _traces.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Accepts(query))
                {
                    Remove(node);
                }

                node = next;
            }
        }

        Changes.Raise();
    }

    /// <returns>How many were not taken, as their trace is as large as it may be.</returns>
    internal int Add(IReadOnlyList<Span> spans)
    {
        var rejected = 0;
        lock (_lock)
        {
            foreach (var span in spans)
            {
                if (!TryAdd(span))
                {
                    rejected++;
                }
            }
        }

        if (spans.Count > 0)
        {
            Changes.Raise();
        }

        return rejected;
    }

    private bool TryAdd(Span span)
    {
        if (!_byId.TryGetValue(span.TraceId, out var node))
        {
            if (span.Bytes > limits.TraceBytes / 2)
            {
                return false;
            }

            node = _traces.AddLast(new TraceEntry(span.TraceId));
            _byId.Add(span.TraceId, node);
            _bytes += node.Value.Bytes;
        }

        var entry = node.Value;
        if (entry.Spans.Count >= limits.MaxSpansPerTrace || entry.Bytes + span.Bytes > limits.TraceBytes)
        {
            return false;
        }

        var before = entry.Bytes;
        if (entry.TryAdd(span))
        {
            _bytes += entry.Bytes - before;
            foreach (var link in span.Links)
            {
                var key = (link.TraceId, link.SpanId);
                if (!_linksTo.TryGetValue(key, out var sources))
                {
                    _linksTo[key] = sources = [];
                }

                sources.Add(span);
            }
        }

        while (_traces.Count > limits.MaxTraces || (_bytes > limits.TraceBytes && _traces.Count > 1))
        {
            Remove(_traces.First!);
            _dropped++;
        }

        return true;
    }

    private void Remove(LinkedListNode<TraceEntry> node)
    {
        var entry = node.Value;
        _traces.Remove(node);
        _byId.Remove(entry.Id);
        _bytes -= entry.Bytes;
        foreach (var span in entry.Spans)
        {
            foreach (var link in span.Links)
            {
                if (_linksTo.TryGetValue((link.TraceId, link.SpanId), out var sources) && sources.Remove(span) && sources.Count == 0)
                {
                    _linksTo.Remove((link.TraceId, link.SpanId));
                }
            }
        }
    }
}
