namespace LocalHosting.Orchestration;

/// <summary>Commands that replicas have besides those of <see cref="Aspire.Hosting.ApplicationModel.KnownResourceCommands"/>.</summary>
internal static class ReplicaCommands
{
    /// <summary>Ends the process at once, as a crash would, to see what the others make of it.</summary>
    public const string Kill = "kill";
}
