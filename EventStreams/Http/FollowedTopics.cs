namespace EventStreams.Http;

/// <summary>The topics of one stream, in the order of the request.</summary>
/// <param name="Names">The topics: at least one, none twice.</param>
/// <param name="IsMultiplexed">Whether the stream is one over several topics, also where there is only one: its ids begin with the topic's
/// index.</param>
internal sealed record FollowedTopics(Topic[] Names, bool IsMultiplexed)
{
    /// <summary>The most topics of one stream.</summary>
    public const int Most = 50;

    /// <summary>For logs.</summary>
    public override string ToString() => Names is [var only] ? only.Name : $"{Names[0]} and {Names.Length - 1} more";

    /// <summary>Reads the names that a request has; the problem says what is wrong with them.</summary>
    public static (FollowedTopics? Topics, StreamProblem? Problem) Parse(string?[] names)
    {
        if (names.Length is 0 or > Most)
            return (null, StreamProblem.OfTopics($"Name 1 to {Most} topics, each in a parameter 'topic' of its own: ?topic=a&topic=b."));
        var topics = new Topic[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            if (!Topic.TryParse(names[i], out topics[i]))
                return (null, StreamProblem.OfTopic());
        }
        return topics.Distinct().Count() == topics.Length
            ? (new FollowedTopics(topics, IsMultiplexed: true), null)
            : (
                null,
                StreamProblem.OfTopics(
                    "A topic is named twice. Name each once: the ids of the stream tell topics apart by their place in the request."
                )
            );
    }
}
