using System.Globalization;
using System.Text;

namespace HistoryChecker;

/// <summary>What a history can break.</summary>
public enum ViolationKind
{
    /// <summary>A reader got an event again.</summary>
    Duplicated,

    /// <summary>A reader got what nobody has published.</summary>
    FromNowhere,

    /// <summary>A reader got what the server had refused.</summary>
    RefusedDelivered,

    /// <summary>One id stands for two contents.</summary>
    IdOfTwoContents,

    /// <summary>There is no order of the topic's events that all readers and publishers agree with.</summary>
    NoCommonOrder,

    /// <summary>A reader lacks an event, and no notice stands at its place.</summary>
    LostUntold,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Topic">In which topic.</param>
/// <param name="Text">What it is about, in a sentence.</param>
public sealed record Violation(ViolationKind Kind, string Topic, string Text);

/// <summary>What a history has shown.</summary>
public sealed class Verdict
{
    /// <summary>Everything that is wrong.</summary>
    public IList<Violation> Violations { get; } = [];

    /// <summary>Topics.</summary>
    public int Topics { get; set; }

    /// <summary>Readers; one that follows two topics counts twice.</summary>
    public int Readers { get; set; }

    /// <summary>Publishes that were acknowledged.</summary>
    public int Acknowledged { get; set; }

    /// <summary>Publishes of which no attempt was acknowledged, and one at least had no answer.</summary>
    public int Unknown { get; set; }

    /// <summary>Publishes of which every attempt was refused.</summary>
    public int Refused { get; set; }

    /// <summary>Attempts beyond the first of each publish.</summary>
    public int Repeats { get; set; }

    /// <summary>Events that came to readers.</summary>
    public int Deliveries { get; set; }

    /// <summary>Notices that came to readers.</summary>
    public int Gaps { get; set; }

    /// <summary>Events that readers lack behind a notice.</summary>
    public int LostTold { get; set; }

    /// <summary>Whether the history is as it ought to be.</summary>
    public bool IsGood => Violations.Count == 0;

    /// <summary>How many violations there are of a kind.</summary>
    public int Count(ViolationKind kind) => Violations.Count(violation => violation.Kind == kind);

    /// <summary>The verdict as text: a line of figures, and the first violations of each kind.</summary>
    public string Report(int examples = 5)
    {
        var text = new StringBuilder();
        text.AppendLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Topics} topics, {Readers} readers; publishes: {Acknowledged} acknowledged, {Unknown} unknown, {Refused} refused, "
                    + $"{Repeats} repeats; {Deliveries} deliveries, {Gaps} gaps, {LostTold} lost and told."
            )
        );
        foreach (var kind in Violations.GroupBy(violation => violation.Kind))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"REFUTED {kind.Key}: {kind.Count()}");
            foreach (var violation in kind.Take(examples))
                text.AppendLine(CultureInfo.InvariantCulture, $"  {violation.Topic}: {violation.Text}");
        }
        if (IsGood)
            text.AppendLine("PROVED: one order for all, every event once or told as gone, nothing from nowhere, no id of two contents.");
        return text.ToString();
    }
}
