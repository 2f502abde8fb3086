namespace HistoryChecker;

/// <summary>
/// The order of a topic's events. What is known of it: each reader saw its events one behind the other, and an event that was
/// acknowledged before the publish of another began comes before it. An order that agrees with all of that exists when these
/// relations have no circle.
/// </summary>
internal sealed class TopicOrder
{
    private readonly List<string?> _names = [];
    private readonly List<List<int>> _after = [];
    private readonly List<long> _times = [];
    private readonly Dictionary<string, int> _nodes = [];
    private readonly Dictionary<string, int> _places = [];

    private TopicOrder() { }

    /// <summary>Ids of events that stand before each other, in a circle; empty when there is an order.</summary>
    public IReadOnlyList<string> Circle { get; private set; } = [];

    /// <summary>The place of an event in the order.</summary>
    public int this[string id] => _places[id];

    /// <param name="chains">The ids that each reader got, in its order.</param>
    /// <param name="events">All ids: when their publish began, and when it was acknowledged under this id, if it was.</param>
    public static TopicOrder Of(
        IEnumerable<IReadOnlyList<string>> chains,
        IReadOnlyDictionary<string, (long Began, long Acknowledged)> events
    )
    {
        var order = new TopicOrder();
        foreach (var (id, times) in events)
            order._nodes.Add(id, order.AddNode(id, times.Began));
        order.AddTimes(events);
        foreach (var chain in chains)
        {
            for (var i = 1; i < chain.Count; i++)
                order._after[order._nodes[chain[i - 1]]].Add(order._nodes[chain[i]]);
        }
        order.Sort();
        return order;
    }

    private int AddNode(string? name, long time)
    {
        _names.Add(name);
        _times.Add(time);
        _after.Add([]);
        return _names.Count - 1;
    }

    // A chain of moments: an acknowledgement leads to its moment, and the last moment before a publish began leads to that publish. So the
    // relations are as many as the events, and not as many as their pairs.
    private void AddTimes(IReadOnlyDictionary<string, (long Began, long Acknowledged)> events)
    {
        var ends = events.Values.Select(e => e.Acknowledged).Where(end => end < long.MaxValue).Distinct().Order().ToList();
        var moments = ends.ConvertAll(end => AddNode(null, end));
        for (var i = 1; i < moments.Count; i++)
            _after[moments[i - 1]].Add(moments[i]);
        foreach (var (id, times) in events)
        {
            if (times.Acknowledged < long.MaxValue)
                _after[_nodes[id]].Add(moments[ends.BinarySearch(times.Acknowledged)]);
            var at = ends.BinarySearch(times.Began);
            // Behind what ended before it, not with it.
            var last = (at < 0 ? ~at : at) - 1;
            if (last >= 0)
                _after[moments[last]].Add(_nodes[id]);
        }
    }

    private void Sort()
    {
        var before = new int[_names.Count];
        foreach (var node in _after.SelectMany(nodes => nodes))
            before[node]++;
        var ready = new PriorityQueue<int, (long, int)>();
        for (var node = 0; node < before.Length; node++)
        {
            if (before[node] == 0)
                ready.Enqueue(node, (_times[node], node));
        }
        while (ready.TryDequeue(out var node, out _))
        {
            if (_names[node] is { } id)
                _places.Add(id, _places.Count);
            foreach (var next in _after[node])
            {
                if (--before[next] == 0)
                    ready.Enqueue(next, (_times[next], next));
            }
        }
        if (_places.Count == _nodes.Count)
            return;
        Circle = FindCircle(before);
        // Some place for the rest, so that what else is wrong can be told as well.
        foreach (var node in _nodes.Values.Where(node => !_places.ContainsKey(_names[node]!)).OrderBy(node => _times[node]))
            _places.Add(_names[node]!, _places.Count);
    }

    // Whatever is left has something before it that is left too: to go back for long enough is to go round.
    private List<string> FindCircle(int[] before)
    {
        var previous = new int[before.Length];
        Array.Fill(previous, -1);
        for (var node = 0; node < before.Length; node++)
        {
            if (before[node] == 0)
                continue;
            foreach (var next in _after[node])
                previous[next] = node;
        }
        var at = Array.FindIndex(before, count => count > 0);
        var seen = new HashSet<int>();
        while (seen.Add(at))
            at = previous[at];
        var circle = new List<string>();
        var start = at;
        do
        {
            if (_names[at] is { } id)
                circle.Add(id);
            at = previous[at];
        } while (at != start);
        circle.Reverse();
        return circle;
    }
}
