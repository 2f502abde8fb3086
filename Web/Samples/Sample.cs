namespace Web.Samples;

/// <summary>A sample that the service knows by name and whose media this page can play.</summary>
/// <param name="Source">As a job names it: <c>sample:NAME</c>.</param>
/// <param name="Title">A name for people.</param>
/// <param name="Description">What is different about it, in a sentence.</param>
/// <param name="MediaPath">Where the browser finds the media.</param>
public sealed record Sample(string Source, string Title, string Description, string MediaPath)
{
    /// <summary>All samples, in the order to show them.</summary>
    public static IReadOnlyList<Sample> All { get; } =
    [
        new(
            "sample:tour",
            "A tour of the system",
            "Its subtitles lie beside the video, so this works on any machine.",
            "samples/tour.webm"
        ),
        new(
            "sample:tour-speech",
            "The same tour, by ear",
            "Without its subtitles: the speech itself is transcribed, by what is installed here.",
            "samples/tour.webm"
        ),
    ];

    /// <summary>The sample that a job's source names, or null.</summary>
    public static Sample? Find(string? source) => All.FirstOrDefault(sample => sample.Source == source);
}
