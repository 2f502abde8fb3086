namespace Web.Jobs;

/// <summary>A page of jobs, newest first, as the Api tells it.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Next">The Api's path of the next page; null on the last one.</param>
public sealed record JobsPage(IReadOnlyList<JobSummary> Jobs, string? Next);
