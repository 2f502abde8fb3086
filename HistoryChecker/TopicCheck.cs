namespace HistoryChecker;

/// <summary>Judges one topic.</summary>
internal sealed class TopicCheck(TopicHistory topic, Verdict verdict)
{
    // Under which ids each content came to readers.
    private readonly Dictionary<string, HashSet<string>> _delivered = [];
    private readonly Dictionary<string, string> _contents = [];

    public void Run()
    {
        foreach (var publication in topic.Publications.Values)
        {
            verdict.Repeats += publication.Attempts - 1;
            if (publication.IsAcknowledged)
                verdict.Acknowledged++;
            else if (publication.IsRefused)
                verdict.Refused++;
            else
                verdict.Unknown++;
            if (publication.Id is { } id)
                Know(id, publication.Content);
        }
        var chains = topic.Readers.Values.Select(Chain).ToList();
        // An event that is told without an id, and came to nobody, is known by its content.
        foreach (
            var publication in topic.Publications.Values.Where(p =>
                p is { IsAcknowledged: true, Id: null } && !_delivered.ContainsKey(p.Content)
            )
        )
            Know(publication.Content, publication.Content);
        CheckSources();
        var times = _contents.ToDictionary(pair => pair.Key, pair => TimesOf(pair.Key, pair.Value));
        var order = TopicOrder.Of(chains, times);
        if (order.Circle.Count > 0)
            Report(ViolationKind.NoCommonOrder, $"{string.Join(" before ", order.Circle.Take(6))} before {order.Circle[0]}.");
        foreach (var reader in topic.Readers.Values)
            new LossCheck(topic, reader, order, _delivered, verdict).Run();
    }

    // What a reader got, each event once; what came again is told here.
    private List<string> Chain(ReaderHistory reader)
    {
        verdict.Readers++;
        var ids = new List<string>();
        var (knownIds, knownContents) = (new HashSet<string>(), new HashSet<string>());
        foreach (var item in reader.Items)
        {
            if (item.IsGap)
            {
                verdict.Gaps++;
                continue;
            }
            verdict.Deliveries++;
            Know(item.Id!, item.Content!);
            if (_delivered.TryGetValue(item.Content!, out var places))
                places.Add(item.Id!);
            else
                _delivered.Add(item.Content!, [item.Id!]);
            var isNewId = knownIds.Add(item.Id!);
            if (!knownContents.Add(item.Content!))
                Report(ViolationKind.Duplicated, $"{reader.Name} got {item.Content} again, as {item.Id}.");
            else if (!isNewId)
                Report(ViolationKind.Duplicated, $"{reader.Name} got {item.Id} again, as {item.Content}.");
            if (isNewId)
                ids.Add(item.Id!);
        }
        return ids;
    }

    private void Know(string id, string content)
    {
        if (!_contents.TryAdd(id, content) && _contents[id] != content)
            Report(ViolationKind.IdOfTwoContents, $"{id} is {_contents[id]} and {content}.");
    }

    private void CheckSources()
    {
        foreach (var content in _delivered.Keys)
        {
            if (!topic.Publications.TryGetValue(content, out var publication))
                Report(ViolationKind.FromNowhere, $"{content} came to readers, and nobody published it.");
            else if (publication.IsRefused)
                Report(ViolationKind.RefusedDelivered, $"{content} came to readers, and was refused.");
        }
    }

    private (long Began, long Acknowledged) TimesOf(string id, string content) =>
        !topic.Publications.TryGetValue(content, out var publication)
            ? (long.MinValue, long.MaxValue)
            : (publication.Began, IsAcknowledgedAs(publication, id) ? publication.Acknowledged : long.MaxValue);

    // Without an id in the answer, the event is the one that has the content, as long as there is but one.
    private bool IsAcknowledgedAs(Publication publication, string id) =>
        publication.Id is { } told ? told == id : _delivered.GetValueOrDefault(publication.Content) is not { Count: > 1 };

    private void Report(ViolationKind kind, string text) => verdict.Violations.Add(new Violation(kind, topic.Name, text));
}
