namespace HistoryChecker;

/// <summary>A publish with all its attempts.</summary>
internal sealed class Publication(string content)
{
    public string Content => content;

    /// <summary>When its first attempt began.</summary>
    public long Began { get; private set; } = long.MaxValue;

    /// <summary>When it was acknowledged; the end of time where it never was.</summary>
    public long Acknowledged { get; private set; } = long.MaxValue;

    /// <summary>The id by which it was acknowledged; null where the system tells none.</summary>
    public string? Id { get; private set; }

    public int Attempts { get; private set; }

    public bool IsAcknowledged => Acknowledged < long.MaxValue;

    /// <summary>Whether every attempt was refused.</summary>
    public bool IsRefused { get; private set; } = true;

    public void Add(HistoryLine attempt)
    {
        Attempts++;
        Began = Math.Min(Began, attempt.At);
        IsRefused &= attempt.Outcome == AttemptOutcome.Refused;
        // A repeat that comes later does not take back that the event was stored.
        if (attempt.Outcome != AttemptOutcome.Acknowledged || attempt.Ended >= Acknowledged)
            return;
        Acknowledged = attempt.Ended!.Value;
        Id = attempt.Id;
    }
}

/// <summary>An event that a reader got; without an id and content, a notice that events are gone.</summary>
internal readonly record struct Item(string? Id, string? Content)
{
    public bool IsGap => Id is null;
}

/// <summary>What one reader of a topic saw.</summary>
internal sealed class ReaderHistory(string name)
{
    public string Name => name;

    public long Joined { get; set; } = long.MaxValue;

    public bool IsComplete { get; set; }

    public List<Item> Items { get; } = [];
}

/// <summary>The lines of one topic, by publish and by reader.</summary>
internal sealed class TopicHistory(string name)
{
    public string Name => name;

    public Dictionary<string, Publication> Publications { get; } = [];

    public Dictionary<string, ReaderHistory> Readers { get; } = [];

    public void Add(HistoryLine line)
    {
        if (line.Kind == HistoryKind.Publish)
        {
            if (!Publications.TryGetValue(line.Content!, out var publication))
                Publications.Add(line.Content!, publication = new Publication(line.Content!));
            publication.Add(line);
            return;
        }
        if (!Readers.TryGetValue(line.Reader!, out var reader))
            Readers.Add(line.Reader!, reader = new ReaderHistory(line.Reader!));
        switch (line.Kind)
        {
            case HistoryKind.Join:
                reader.Joined = Math.Min(reader.Joined, line.At);
                break;
            case HistoryKind.Delivery:
                reader.Items.Add(new Item(line.Id ?? line.Content, line.Content));
                break;
            case HistoryKind.Gap:
                reader.Items.Add(default);
                break;
            case HistoryKind.Leave:
                reader.IsComplete = line.Complete == true;
                break;
        }
    }
}
