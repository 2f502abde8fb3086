namespace EventStreams;

/// <summary>Who follows a topic, over all replicas.</summary>
public interface IStreamPresence
{
    /// <summary>
    /// Counts the streams of a topic. A stream is counted up to a second after it was opened or closed; those of a replica that was killed
    /// are gone after 12 s.
    /// </summary>
    /// <remarks>Costs one call for the list of replicas and one for each of them, sent together.</remarks>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time.</exception>
    ValueTask<StreamSubscribers> GetSubscribersAsync(Topic topic, CancellationToken cancellationToken = default);
}

/// <summary>Who follows a topic.</summary>
/// <param name="Streams">Open streams.</param>
/// <param name="Subjects">Those who have them, each once, as far as they are known.</param>
/// <param name="IsComplete">False where a replica has more subjects of the topic than are kept (1,000): there are others beside
/// these.</param>
public sealed record StreamSubscribers(int Streams, IReadOnlyCollection<string> Subjects, bool IsComplete);
