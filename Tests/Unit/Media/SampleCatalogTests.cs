using Subtitles.Media;

namespace Tests.Unit.Media;

public sealed class SampleCatalogTests
{
    [Fact]
    public void The_two_samples_differ_by_the_side_file()
    {
        var catalog = new SampleCatalog("/samples");
        var tour = catalog.Find("tour")!;
        var speech = catalog.Find("tour-speech")!;
        Assert.Equal(tour.MediaPath, speech.MediaPath);
        Assert.Equal(Path.Combine("/samples", "tour.vtt"), tour.SideFilePath);
        Assert.Null(speech.SideFilePath);
        Assert.Null(catalog.Find("Tour"));
        Assert.Null(catalog.Find("../tour"));
    }
}
