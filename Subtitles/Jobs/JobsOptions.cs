using System.ComponentModel.DataAnnotations;

namespace Subtitles.Jobs;

/// <summary>Settings of the job queue, bound from the configuration section <c>Jobs</c>. Api and Worker should be given the same.</summary>
public sealed class JobsOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Jobs";

    /// <summary>Starts every key and channel name: letters, digits, <c>. _ -</c>.</summary>
    [RegularExpression("^[A-Za-z0-9._-]{1,32}$")]
    public string KeyPrefix { get; set; } = "subtitles";

    /// <summary>How long a claim holds without a renewal. Shorter finds a dead worker sooner; longer forgives longer pauses.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "01:00:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts before a job is given up.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>How long the second attempt waits; each later one waits twice as long as the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between attempts.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a job is remembered after its end.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan JobTimeToLive { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long an idempotency key is remembered.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan IdempotencyTimeToLive { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Jobs that one owner may have in the queue and at work together.</summary>
    [Range(1, int.MaxValue)]
    public int MaxJobsPerOwner { get; set; } = 200;

    /// <summary>Bytes of media (uploaded, fetched, sent live) that one owner may have stored, of all jobs that are not forgotten or
    /// deleted.</summary>
    [Range(1, long.MaxValue)]
    public long MaxStoredBytesPerOwner { get; set; } = 20L * 1024 * 1024 * 1024;

    /// <summary>How long a call to Redis may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxRetryDelay < RetryDelay)
            yield return new ValidationResult(
                $"{SectionName}:{nameof(MaxRetryDelay)} must not be below {SectionName}:{nameof(RetryDelay)}."
            );
    }
}
