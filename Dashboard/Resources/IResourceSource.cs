namespace Dashboard.Resources;

/// <summary>What the dashboard is told of the app that it looks at, and what it can ask of it. The host of the app implements it; calls may come from any thread.</summary>
public interface IResourceSource
{
    /// <summary>Raised with each change of <see cref="Replicas"/>.</summary>
    ChangeSignal Changes { get; }

    /// <summary>The present state of all replicas, in the order of the app model.</summary>
    IReadOnlyList<ReplicaState> Replicas { get; }

    /// <summary>The lines that a replica has printed and that are still kept, oldest first.</summary>
    IReadOnlyList<ConsoleLine> ConsoleLines(string replicaId);

    /// <summary>The lines that are still kept, then each batch of new ones, until cancelled. A reader that is too slow misses the oldest, which shows in the line numbers.</summary>
    IAsyncEnumerable<IReadOnlyList<ConsoleLine>> WatchConsoleAsync(string replicaId, CancellationToken cancellationToken);

    /// <summary>Gives a command to a replica, such as <c>start</c>; done when it has been carried out.</summary>
    /// <returns>Null when it was, else the sentence that says why not.</returns>
    Task<string?> ExecuteAsync(string replicaId, string command, CancellationToken cancellationToken);
}
