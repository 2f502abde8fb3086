using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Web.Jobs;

/// <summary>Which jobs to list. What an address asks for that there is not is left out.</summary>
public sealed partial record JobsQuery
{
    /// <summary>What a job can be.</summary>
    public static readonly IReadOnlyList<string> Statuses = ["queued", "running", "retrying", "completed", "failed", "canceled"];

    /// <summary>All jobs, from the newest on.</summary>
    public static readonly JobsQuery Newest = new(null, null);

    /// <param name="status">Only jobs that stand so; null for all.</param>
    /// <param name="after">The place where the page before ended; null for the first page.</param>
    public JobsQuery(string? status, string? after)
    {
        Status = Statuses.FirstOrDefault(known => known == status);
        After = after is not null && Place().IsMatch(after) ? after : null;
    }

    /// <summary>Only jobs that stand so; null for all.</summary>
    public string? Status { get; }

    /// <summary>The place where the page before ended; null for the first page.</summary>
    public string? After { get; }

    /// <summary>The query of the next page.</summary>
    /// <param name="next">The Api's path of it.</param>
    public JobsQuery NextOf(string next)
    {
        var query = QueryHelpers.ParseQuery(next[(next.IndexOf('?', StringComparison.Ordinal) + 1)..]);
        return new(Status, query.TryGetValue("after", out var after) ? after.ToString() : null);
    }

    /// <summary>As it stands in an address, also of the Api; empty for the newest jobs.</summary>
    public string ToQueryString()
    {
        var parts = new Dictionary<string, string?> { ["status"] = Status, ["after"] = After };
        return QueryHelpers.AddQueryString("", parts.Where(part => part.Value is not null));
    }

    [GeneratedRegex("^[0-9]{1,18}-[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex Place();
}
