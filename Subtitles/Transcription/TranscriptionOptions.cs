using System.ComponentModel.DataAnnotations;

namespace Subtitles.Transcription;

/// <summary>Settings of the engines, bound from the configuration section <c>Transcription</c>.</summary>
public sealed class TranscriptionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Transcription";

    /// <summary>The value of <see cref="Engine"/> that leaves the choice to what the media has and the machine can do.</summary>
    public const string AutomaticEngine = "auto";

    /// <summary>The engine: <c>auto</c>, or the name of one. <c>auto</c> takes subtitles that the media already has, else the first engine
    /// that is configured or installed.</summary>
    [Required]
    public string Engine { get; set; } = AutomaticEngine;

    /// <summary>The <c>ffmpeg</c> program: a name on the PATH, or a path.</summary>
    [Required]
    public string Ffmpeg { get; set; } = "ffmpeg";

    /// <summary>The <c>ffprobe</c> program: a name on the PATH, or a path.</summary>
    [Required]
    public string Ffprobe { get; set; } = "ffprobe";

    /// <summary>The <c>pocketsphinx_batch</c> program: a name on the PATH, or a path.</summary>
    [Required]
    public string PocketSphinx { get; set; } = "pocketsphinx_batch";

    /// <summary>The folder of pocketsphinx's English model, as Debian's package pocketsphinx-en-us lays it out.</summary>
    [Required]
    public string PocketSphinxModel { get; set; } = "/usr/share/pocketsphinx/model/en-us";

    /// <summary>The longest media that is taken; longer media is refused.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MaxMediaDuration { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long a short step may take: looking at a header, taking a subtitle track out.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ToolTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
