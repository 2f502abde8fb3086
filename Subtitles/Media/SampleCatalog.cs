namespace Subtitles.Media;

/// <summary>The samples. Their files lie in the folder <c>Samples</c> beside the service's own.</summary>
public sealed class SampleCatalog
{
    /// <summary>Creates the catalogue over a folder; by default the one beside the service.</summary>
    public SampleCatalog(string? folder = null)
    {
        folder ??= Path.Combine(AppContext.BaseDirectory, "Samples");
        var media = Path.Combine(folder, "tour.webm");
        All =
        [
            new Sample("tour", "A tour of the system", media, Path.Combine(folder, "tour.vtt"), "en"),
            new Sample("tour-speech", "A tour of the system, transcribed from its speech", media, null, "en"),
        ];
    }

    /// <summary>All samples.</summary>
    public IReadOnlyList<Sample> All { get; }

    /// <summary>A sample by its name, or null.</summary>
    public Sample? Find(string name) => All.FirstOrDefault(sample => sample.Name == name);
}
