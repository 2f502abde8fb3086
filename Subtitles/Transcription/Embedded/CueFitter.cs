using Subtitles.Cues;
using Subtitles.Transcription.Speech;

namespace Subtitles.Transcription.Embedded;

/// <summary>
/// Makes cues that somebody has written readable by the rules of <see cref="CueShaper"/>, without a change where they are already: lines
/// that are too long are broken anew, a cue of more than two lines is parted, and one that is gone too soon stays, as far as the next one
/// leaves room. No word is lost. The same cues give the same ones.
/// </summary>
internal static class CueFitter
{
    /// <summary>Fits.</summary>
    /// <param name="cues">Cues with text, by their start. They may overlap.</param>
    /// <param name="language">The language of the cues; null where it is not known.</param>
    /// <param name="cancellationToken">Cancels within a cue's work.</param>
    public static IReadOnlyList<TranscribedCue> Fit(
        IReadOnlyList<Cue> cues,
        string? language = null,
        CancellationToken cancellationToken = default
    )
    {
        var fitted = new List<TranscribedCue>(cues.Count);
        foreach (var cue in cues)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Fits(cue.Text))
                fitted.Add(new TranscribedCue(CueState.Final, cue.StartMs, cue.EndMs, cue.Text));
            else
                fitted.AddRange(Part(cue, language));
        }
        // Parts of a cue may begin after one that overlaps it.
        TranscribedCue[] ordered = [.. fitted.OrderBy(c => c.StartMs)];
        for (var i = 0; i < ordered.Length; i++)
        {
            var room = i + 1 < ordered.Length ? CueGap.Leave(ordered[i + 1].StartMs - ordered[i].StartMs) : long.MaxValue;
            var stop = ordered[i].StartMs + Math.Min(TextMeasure.Of(ordered[i].Text).ReadingMs, room);
            if (stop > ordered[i].EndMs)
                ordered[i] = ordered[i] with { EndMs = stop };
        }
        return ordered;
    }

    private static bool Fits(string text)
    {
        var lines = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (++lines > 2 || TextMeasure.Of(line).Units > TextMeasure.LineUnits)
                return false;
        }
        return true;
    }

    /// <summary>The cue in as many as its text needs, each for its share of the time: how long they all stay is their writer's
    /// choice.</summary>
    private static IReadOnlyList<TranscribedCue> Part(Cue cue, string? language)
    {
        var texts = cue.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        long total = texts.Sum(t => t.Length + 1),
            at = 0;
        var words = new List<SpokenWord>(texts.Length);
        foreach (var text in texts)
        {
            words.Add(new SpokenWord(text, TimeAt(at), TimeAt(at + text.Length + 1)));
            at += text.Length + 1;
        }
        // What is behind the last part is its writer's choice as well.
        return CueShaper.Shape(words, cue.EndMs + CueGap.Ms, language, maxDurationMs: cue.EndMs - cue.StartMs);

        long TimeAt(long place) => cue.StartMs + (cue.EndMs - cue.StartMs) * place / total;
    }
}
