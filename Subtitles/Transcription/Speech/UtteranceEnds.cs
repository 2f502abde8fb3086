namespace Subtitles.Transcription.Speech;

/// <summary>
/// Which pause ends an utterance. The longer one is, the shorter a pause is taken for its end: too short ones lack context for a
/// recogniser, too long ones keep the viewers waiting.
/// </summary>
/// <param name="LongestMs">Where an utterance without a pause is cut all the same, at its quietest place.</param>
/// <param name="Pauses">For utterances below a length the pause that ends them, the shortest first, in milliseconds.</param>
internal sealed record UtteranceEnds(int LongestMs, IReadOnlyList<(int BelowMs, int PauseMs)> Pauses)
{
    /// <summary>For sound that is there already.</summary>
    public static UtteranceEnds Recorded { get; } = new(15_000, [(1500, 600), (6000, 300), (10_000, 150), (int.MaxValue, 80)]);

    /// <summary>For sound that is heard as it is made: somebody waits for each sentence, and one of a few seconds fills a cue.</summary>
    public static UtteranceEnds Live { get; } = new(8000, [(1000, 500), (3500, 400), (5000, 300), (6500, 150), (int.MaxValue, 80)]);

    /// <summary>The pause that ends an utterance of this length.</summary>
    public int PauseAfter(int lengthMs)
    {
        foreach (var (below, pause) in Pauses)
        {
            if (lengthMs < below)
                return pause;
        }
        return Pauses[^1].PauseMs;
    }
}
