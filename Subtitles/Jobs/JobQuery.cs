using System.Globalization;

namespace Subtitles.Jobs;

/// <summary>Which jobs to list.</summary>
/// <param name="Take">The most jobs of a page.</param>
/// <param name="Status">Only jobs that stand so; null for all.</param>
/// <param name="After">The place where the page before ended; null for the first page.</param>
/// <param name="Owner">Only jobs of this owner; null for everybody's.</param>
public readonly record struct JobQuery(int Take, JobStatus? Status = null, JobCursor? After = null, string? Owner = null);

/// <summary>Jobs, newest first.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record JobPage(IReadOnlyList<Job> Jobs, JobCursor? Next);

/// <summary>A place in the list of jobs, which stays where it is while jobs come and go.</summary>
/// <param name="CreatedMicroseconds">When the job at this place was submitted, in microseconds since 1970.</param>
/// <param name="Id">The job at this place.</param>
public readonly record struct JobCursor(long CreatedMicroseconds, JobId Id)
{
    /// <summary>Reads what <see cref="ToString"/> wrote; false when the text is something else.</summary>
    public static bool TryParse(string? text, out JobCursor cursor)
    {
        cursor = default;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (
            dash <= 0
            || !long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var created)
            || !JobId.TryParse(text![(dash + 1)..], out var id)
        )
            return false;
        cursor = new JobCursor(created, id);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedMicroseconds}-{Id}");
}
