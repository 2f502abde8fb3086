using System.ComponentModel.DataAnnotations;

namespace Api.Limits;

/// <summary>
/// How often one caller may call, bound from the configuration section <c>Limits</c>; 0 for no limit. A caller is a subject; visitors
/// without an account count by their address. Who calls without credentials in Development is not limited.
/// </summary>
internal sealed class LimitsOptions
{
    public const string SectionName = "Limits";

    /// <summary>Submissions a minute, at all replicas together.</summary>
    [Range(0, int.MaxValue)]
    public int SubmitsPerMinute { get; set; } = 60;

    /// <summary>Corrections, cancels, retries and deletions a minute, at all replicas together.</summary>
    [Range(0, int.MaxValue)]
    public int CommandsPerMinute { get; set; } = 300;

    /// <summary>Tickets a minute, at all replicas together.</summary>
    [Range(0, int.MaxValue)]
    public int TicketsPerMinute { get; set; } = 120;

    /// <summary>Events published a second, at each replica: to ask Redis about each would cost as much as the publish.</summary>
    [Range(0, int.MaxValue)]
    public int PublishesPerSecond { get; set; } = 1000;
}
