using System.ComponentModel.DataAnnotations;

namespace Subtitles.Webhooks;

/// <summary>Settings of webhooks, bound from the configuration section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Webhooks";

    /// <summary>How long the receiver may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Tries before a webhook is given up.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 12;

    /// <summary>How long the second try waits; each later one waits twice as long as the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between tries.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Webhooks that a worker delivers at the same time. Each waits for its receiver most of the time.</summary>
    [Range(1, 256)]
    public int Concurrency { get; set; } = 16;

    /// <summary>Of these, to one host: one whose answers take long leaves the rest to others.</summary>
    [Range(1, 256)]
    public int ConcurrencyPerHost { get; set; } = 2;

    /// <summary>How often an idle worker looks for webhooks that are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxRetryDelay < RetryDelay)
            yield return new ValidationResult(
                $"{SectionName}:{nameof(MaxRetryDelay)} must not be below {SectionName}:{nameof(RetryDelay)}."
            );
    }
}
