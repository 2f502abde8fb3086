using System.ComponentModel.DataAnnotations;
using System.IO.Enumeration;

namespace EventStreams;

/// <summary>What the logs of some topics keep: an entry of <see cref="EventStreamsOptions.Retention"/>. A value that is null is that of all
/// topics.</summary>
public sealed class TopicRetention
{
    /// <summary>Which topics: a name in which <c>*</c> stands for any characters, none included. <c>sensor:*</c>, for example.</summary>
    [Required]
    [RegularExpression("^[A-Za-z0-9._:*-]{1,200}$")]
    public string Pattern { get; set; } = "";

    /// <summary>Events at the most, as <see cref="EventStreamsOptions.MaxLogLength"/>.</summary>
    [Range(1, 10_000_000)]
    public int? Length { get; set; }

    /// <summary>Bytes at the most, as <see cref="EventStreamsOptions.MaxLogBytes"/>; 0 for any number.</summary>
    [Range(0, long.MaxValue)]
    public long? Bytes { get; set; }

    /// <summary>How long the log outlives its newest event, as <see cref="EventStreamsOptions.LogTimeToLive"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? TimeToLive { get; set; }

    internal bool IsValid => Validator.TryValidateObject(this, new ValidationContext(this), null, validateAllProperties: true);

    internal bool Matches(Topic topic) => FileSystemName.MatchesSimpleExpression(Pattern, topic.Name, ignoreCase: false);
}
