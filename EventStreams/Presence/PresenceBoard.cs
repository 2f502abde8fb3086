using System.Text.Json;

namespace EventStreams.Presence;

/// <summary>The streams of this replica by topic, and the topics where they have changed since that was last told. Deliveries never come
/// here: only the beginning and the end of a stream.</summary>
internal sealed class PresenceBoard
{
    /// <summary>Subjects of a topic that are told by name.</summary>
    public const int MostSubjects = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Topic, Streams> _topics = [];
    private readonly HashSet<Topic> _changed = [];

    /// <summary>A stream has begun, which wants to know how many there are or not.</summary>
    public void Joined(Topic topic, string? subject, bool isWatching)
    {
        lock (_gate)
        {
            if (!_topics.TryGetValue(topic, out var streams))
                _topics.Add(topic, streams = new Streams());
            streams.Count++;
            streams.Watchers += isWatching ? 1 : 0;
            if (subject is not null)
            {
                streams.Subjects ??= [];
                streams.Subjects[subject] = streams.Subjects.GetValueOrDefault(subject) + 1;
            }
            _changed.Add(topic);
        }
    }

    /// <summary>A stream is over.</summary>
    public void Left(Topic topic, string? subject, bool isWatching)
    {
        lock (_gate)
        {
            var streams = _topics[topic];
            streams.Watchers -= isWatching ? 1 : 0;
            if (--streams.Count == 0)
                _topics.Remove(topic);
            if (subject is not null && --streams.Subjects![subject] == 0)
                streams.Subjects.Remove(subject);
            _changed.Add(topic);
        }
    }

    /// <summary>The topics that have changed, and what is to be told of them: empty where there is no stream any more.</summary>
    public List<(Topic Topic, string Text)> TakeChanges()
    {
        lock (_gate)
        {
            var changes = _changed.Select(topic => (topic, _topics.TryGetValue(topic, out var streams) ? streams.ToString() : "")).ToList();
            _changed.Clear();
            return changes;
        }
    }

    /// <summary>Topics of streams that want to know how many there are.</summary>
    public HashSet<Topic> Watched()
    {
        lock (_gate)
            return [.. _topics.Where(topic => topic.Value.Watchers > 0).Select(topic => topic.Key)];
    }

    /// <summary>Has these told again.</summary>
    public void Changed(IEnumerable<Topic> topics)
    {
        lock (_gate)
            _changed.UnionWith(topics);
    }

    /// <summary>Has everything told again.</summary>
    public void AllChanged()
    {
        lock (_gate)
            _changed.UnionWith(_topics.Keys);
    }

    private sealed class Streams
    {
        public int Count { get; set; }

        public int Watchers { get; set; }

        public Dictionary<string, int>? Subjects { get; set; }

        public override string ToString() =>
            JsonSerializer.Serialize(
                new PresenceShare(
                    Count,
                    Subjects is null ? null : [.. Subjects.Keys.Take(MostSubjects)],
                    Subjects is { Count: > MostSubjects }
                )
            );
    }
}

/// <summary>What one replica tells of a topic.</summary>
internal sealed record PresenceShare(int Streams, string[]? Subjects, bool HasMore);

/// <summary>What a client wants of presence.</summary>
internal enum PresenceWish
{
    /// <summary>To be counted.</summary>
    Counted,

    /// <summary>To be counted, and told how many there are.</summary>
    Told,

    /// <summary>Not to be counted, as it follows for others.</summary>
    Uncounted,
}
