namespace HistoryChecker;

/// <summary>Proves or refutes a history. What is proved, the README of this project says.</summary>
public static class HistoryCheck
{
    /// <summary>Judges the lines of a history, in their order.</summary>
    public static Verdict Of(IEnumerable<HistoryLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var topics = new SortedDictionary<string, TopicHistory>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (!topics.TryGetValue(line.Topic, out var topic))
                topics.Add(line.Topic, topic = new TopicHistory(line.Topic));
            topic.Add(line);
        }
        var verdict = new Verdict { Topics = topics.Count };
        foreach (var topic in topics.Values)
            new TopicCheck(topic, verdict).Run();
        return verdict;
    }
}
