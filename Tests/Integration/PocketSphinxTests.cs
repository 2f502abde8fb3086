using System.Diagnostics;
using Subtitles.Transcription;
using Tests.Fixtures;

namespace Tests.Integration;

/// <summary>The real engine on the real sample.</summary>
public sealed class PocketSphinxTests(ITestOutputHelper output)
{
    private static readonly string Samples = Path.Combine(RepositoryFolder.Path, "Subtitles", "Samples");

    private static TranscriptionRequest Tour => new(Path.Combine(Samples, "tour.webm"), null, "en");

    [Fact]
    public async Task Hears_the_sample_and_goes_on_exactly_where_another_worker_died()
    {
        SpeechTools.Require("ffmpeg", "pocketsphinx_batch");
        Assert.Null(await SpeechTools.PocketSphinx.FindObstacleAsync(Tour, TestContext.Current.CancellationToken));

        var clock = Stopwatch.StartNew();
        var updates = await SpeechTools.RunAsync(SpeechTools.PocketSphinx, Tour);
        var cues = SpeechTools.Cues(updates);
        var share = WordErrors.ShareOfWordsRight(
            File.ReadAllText(Path.Combine(Samples, "tour.txt")),
            string.Join(' ', cues.Select(c => c.Text))
        );
        output.WriteLine($"{share:P1} of the words right, {cues.Count} cues in {clock.Elapsed.TotalSeconds:0.0} s");
        foreach (var cue in cues)
            output.WriteLine($"{cue.StartMs, 6} {cue.EndMs, 6}  {cue.Text.ReplaceLineEndings(" / ")}");

        Assert.True(share >= 0.8, $"Only {share:P1} of the words are right.");
        Assert.True(cues.Count >= 5);
        Assert.All(cues.Zip(cues.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.StartMs));
        Assert.Equal(updates.Select(u => u.Percent).Order(), updates.Select(u => u.Percent));
        Assert.Equal(100, updates[^1].Percent);

        var middle = cues.Count / 2;
        var resumed = Tour with { ResumeAfter = new ResumePoint(middle, cues[middle - 1].StartMs, cues[middle - 1].EndMs) };
        var rest = await SpeechTools.RunAsync(SpeechTools.PocketSphinx, resumed);
        Assert.Equal(cues.Skip(middle), SpeechTools.Cues(rest));
    }

    [Fact]
    public async Task Cancelling_stops_it_in_the_middle()
    {
        SpeechTools.Require("ffmpeg", "pocketsphinx_batch");
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in SpeechTools.PocketSphinx.TranscribeAsync(Tour, cancel.Token))
            {
                if (update.Cue is not null)
                    await cancel.CancelAsync();
            }
        });
    }

    [Theory]
    [InlineData("de")]
    [InlineData("fr-CA")]
    public async Task Other_languages_are_refused(string language)
    {
        var obstacle = await SpeechTools.PocketSphinx.FindObstacleAsync(
            Tour with
            {
                Language = language,
            },
            TestContext.Current.CancellationToken
        );
        Assert.Contains($"'{language}'", obstacle, StringComparison.Ordinal);
    }
}
