using System.Runtime.InteropServices;

namespace Subtitles.Transcription.Speech;

/// <summary>
/// Cuts sound into utterances at its pauses, by the energy of 10 ms frames against a threshold that follows the loudness of speech and of
/// the background. Works on a stream: it keeps one utterance at the most. The cuts depend on the sound alone, so that every attempt at the
/// same media makes the same ones.
/// </summary>
internal sealed class UtteranceCutter
{
    public const int FrameMs = 10;

    private const int PaddingFrames = 150 / FrameMs;
    private const int LoudFramesToBegin = 3;
    private const int QuietWindow = 80 / FrameMs;

    // Decibels of the mean square of 16-bit samples. Speech is within 32 dB of its own peaks; sound that never gets above 52 dB is no
    // speech but hiss.
    private const double SpeechRange = 32;
    private const double AboveBackground = 8;
    private const double BelowPeak = 8;
    private const double LowestPeak = 60;

    // How fast the estimates forget, in decibels a frame: a background that grew louder in 10 s, a voice that grew softer in 10 s.
    private const double BackgroundRise = 0.015;
    private const double PeakFall = 0.02;

    private readonly int _frameSamples;
    private readonly UtteranceEnds _ends;
    private readonly List<short> _samples = [];
    private readonly List<double> _levels = [];
    private long _firstFrame;
    private bool _inSpeech;
    private int _loudRun;
    private int _quietRun;
    private double _background = double.PositiveInfinity;
    private double _peak = LowestPeak;

    public UtteranceCutter(int sampleRate, UtteranceEnds? ends = null) =>
        (_frameSamples, _ends) = (sampleRate * FrameMs / 1000, ends ?? UtteranceEnds.Recorded);

    /// <summary>The number of samples that <see cref="Add"/> takes.</summary>
    public int FrameSamples => _frameSamples;

    /// <summary>Whether an utterance is open: it has begun and not ended yet.</summary>
    public bool IsOpen => _inSpeech;

    /// <summary>Where the open utterance begins.</summary>
    public long OpenStartMs => _firstFrame * FrameMs;

    /// <summary>The sound of the open utterance so far; valid until the next call.</summary>
    public ReadOnlySpan<short> OpenSamples => CollectionsMarshal.AsSpan(_samples);

    /// <summary>Takes the next frame; returns an utterance when one has ended with it.</summary>
    public Utterance? Add(ReadOnlySpan<short> frame)
    {
        var level = Level(frame);
        _samples.AddRange(frame);
        _levels.Add(level);
        var isLoud = IsLoud(level);
        _loudRun = isLoud ? _loudRun + 1 : 0;
        _quietRun = isLoud ? 0 : _quietRun + 1;
        if (!_inSpeech)
        {
            _inSpeech = _loudRun >= LoudFramesToBegin;
            if (!_inSpeech)
                Drop(_levels.Count - PaddingFrames - _loudRun);
            return null;
        }
        if (_quietRun * FrameMs >= _ends.PauseAfter(_levels.Count * FrameMs))
        {
            _inSpeech = false;
            return Take(_levels.Count - _quietRun + Math.Min(PaddingFrames, _quietRun / 2), _levels.Count);
        }
        return _levels.Count * FrameMs >= _ends.LongestMs ? Take(FindQuietest()) : null;
    }

    /// <summary>Ends the sound; returns the utterance that was open.</summary>
    public Utterance? Finish() => _inSpeech && _levels.Count > 0 ? Take(_levels.Count) : null;

    private bool IsLoud(double level)
    {
        _background = Math.Min(level, _background + BackgroundRise);
        _peak = Math.Max(Math.Max(level, LowestPeak), _peak - PeakFall);
        // Where the background is as loud as the voice (music), rather take it all for speech than lose words.
        return level > Math.Min(Math.Max(_background + AboveBackground, _peak - SpeechRange), _peak - BelowPeak);
    }

    private static double Level(ReadOnlySpan<short> frame)
    {
        long sum = 0;
        foreach (var sample in frame)
            sum += sample * sample;
        return 10 * Math.Log10(1 + (double)sum / frame.Length);
    }

    /// <summary>The middle of the quietest place in the second half: where an utterance without a pause is cut.</summary>
    private int FindQuietest()
    {
        var (best, bestSum) = (_levels.Count, double.PositiveInfinity);
        for (var start = _levels.Count / 2; start + QuietWindow <= _levels.Count; start++)
        {
            var sum = 0.0;
            for (var i = start; i < start + QuietWindow; i++)
                sum += _levels[i];
            if (sum < bestSum)
                (best, bestSum) = (start + QuietWindow / 2, sum);
        }
        return best;
    }

    private Utterance Take(int frames) => Take(frames, frames);

    private Utterance Take(int frames, int freeUntil)
    {
        var utterance = new Utterance(
            _firstFrame * FrameMs,
            (_firstFrame + frames) * FrameMs,
            (_firstFrame + freeUntil) * FrameMs,
            [.. _samples.Take(frames * _frameSamples)]
        );
        Drop(frames);
        return utterance;
    }

    private void Drop(int frames)
    {
        if (frames <= 0)
            return;
        _samples.RemoveRange(0, frames * _frameSamples);
        _levels.RemoveRange(0, frames);
        _firstFrame += frames;
    }
}
