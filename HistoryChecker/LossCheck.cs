namespace HistoryChecker;

/// <summary>Whether a reader got what it is owed, or was told at the place of what it lacks.</summary>
internal sealed class LossCheck(
    TopicHistory topic,
    ReaderHistory reader,
    TopicOrder order,
    IReadOnlyDictionary<string, HashSet<string>> delivered,
    Verdict verdict
)
{
    // The places of what it got, rising unless the order is broken, and how many notices came before each.
    private readonly List<int> _places = [];
    private readonly List<int> _gaps = [];
    private readonly List<Publication?> _got = [];
    private int _allGaps;

    public void Run()
    {
        var contents = new HashSet<string>();
        foreach (var item in reader.Items)
        {
            if (item.IsGap)
            {
                _allGaps++;
                continue;
            }
            contents.Add(item.Content!);
            _places.Add(order[item.Id!]);
            _gaps.Add(_allGaps);
            _got.Add(topic.Publications.GetValueOrDefault(item.Content!));
        }
        foreach (var publication in topic.Publications.Values)
        {
            // What neither its publisher nor any reader knows to be stored is owed to nobody.
            if (contents.Contains(publication.Content) || !(publication.IsAcknowledged || delivered.ContainsKey(publication.Content)))
                continue;
            foreach (var id in IdsOf(publication))
            {
                if (!IsOwed(publication, id))
                    continue;
                if (IsTold(publication, id))
                    verdict.LostTold++;
                else
                    verdict.Violations.Add(
                        new Violation(
                            ViolationKind.LostUntold,
                            topic.Name,
                            $"{reader.Name} lacks {publication.Content} ({id}), and was not told."
                        )
                    );
            }
        }
    }

    private HashSet<string> IdsOf(Publication publication) =>
        publication.Id is { } told ? [told]
        : delivered.TryGetValue(publication.Content, out var ids) ? ids
        : [publication.Content];

    // Everything from its first stream on; and whatever stands behind something that it got.
    private bool IsOwed(Publication publication, string id)
    {
        var isAfterBegin = publication.Began >= reader.Joined || (_places.Count > 0 && order[id] > _places[0]);
        return isAfterBegin && (reader.IsComplete || (_places.Count > 0 && order[id] < _places[^1]));
    }

    // A notice between what certainly comes before the event and what certainly comes after it.
    private bool IsTold(Publication publication, string id)
    {
        int last,
            next;
        if (delivered.TryGetValue(publication.Content, out var ids) && ids.Contains(id))
        {
            next = _places.BinarySearch(order[id]);
            next = next < 0 ? ~next : next;
            last = next - 1;
        }
        else
        {
            // No reader saw it, so that its place is known by the times alone.
            last = _got.FindLastIndex(got => got?.Acknowledged < publication.Began);
            next = _got.FindIndex(got => got?.Began > publication.Acknowledged);
            next = next < 0 ? _got.Count : next;
        }
        return (next < _gaps.Count ? _gaps[next] : _allGaps) > (last < 0 ? 0 : _gaps[last]);
    }
}
