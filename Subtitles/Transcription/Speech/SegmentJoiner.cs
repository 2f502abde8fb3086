namespace Subtitles.Transcription.Speech;

/// <summary>
/// Joins utterances to segments of a length that a service likes, cut at pauses only. A long pause is a cut as well: it need not be sent.
/// The first segment is short, so that the first cue comes soon.
/// </summary>
internal sealed class SegmentJoiner(int sampleRate, TimeSpan longest)
{
    private const long LongPauseMs = 2000;
    private const long FirstMs = 10_000;

    private readonly List<Utterance> _open = [];
    private long _freeFromMs;
    private bool _isFirst = true;

    /// <summary>Takes the next utterance; returns the segment that ends before it, or null.</summary>
    public SoundSegment? Add(Utterance utterance)
    {
        var limitMs = _isFirst ? Math.Min(FirstMs, (long)longest.TotalMilliseconds) : (long)longest.TotalMilliseconds;
        var segment =
            _open.Count > 0 && (utterance.StartMs - _open[^1].EndMs > LongPauseMs || utterance.EndMs - _open[0].StartMs > limitMs)
                ? Finish()
                : null;
        _open.Add(utterance);
        return segment;
    }

    /// <summary>Ends the segment that is open, if there is one.</summary>
    public SoundSegment? Finish()
    {
        if (_open.Count == 0)
            return null;
        var start = _open[0].StartMs;
        var samples = new short[(_open[^1].EndMs - start) * sampleRate / 1000];
        foreach (var utterance in _open)
            utterance.Samples.CopyTo(samples.AsSpan((int)((utterance.StartMs - start) * sampleRate / 1000)));
        var segment = new SoundSegment(start, _open[^1].EndMs, _freeFromMs, _open[^1].FreeUntilMs, samples);
        _freeFromMs = segment.FreeUntilMs;
        _isFirst = false;
        _open.Clear();
        return segment;
    }
}
