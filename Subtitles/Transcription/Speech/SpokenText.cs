namespace Subtitles.Transcription.Speech;

/// <summary>Words, with the room that any of them take together and what ends between them: both are looked at once a word.</summary>
internal sealed class SpokenText
{
    private const long LongPauseMs = 1000;

    private readonly TextMeasure[] _until;
    private readonly Boundary[] _before;
    private readonly int[] _passed;

    public SpokenText(IReadOnlyList<SpokenWord> words, Boundaries boundaries)
    {
        Words = words;
        _until = new TextMeasure[words.Count + 1];
        _before = new Boundary[words.Count];
        _passed = new int[words.Count + 1];
        for (var i = 0; i < words.Count; i++)
        {
            _until[i + 1] = _until[i] + GapBefore(i) + TextMeasure.Of(words[i].Text);
            _before[i] = i == 0 ? Boundary.Sentence : boundaries.Between(words[i - 1], words[i]);
            _passed[i + 1] = _passed[i] + (i == 0 ? 0 : CostOfPassing(_before[i], words[i].StartMs - words[i - 1].EndMs));
        }
    }

    public IReadOnlyList<SpokenWord> Words { get; }

    /// <summary>The measure of some words on one line.</summary>
    public TextMeasure Measure(int first, int end) => _until[end] - _until[first] - GapBefore(first);

    /// <summary>What it costs that sentences and pauses end within a cue of these words.</summary>
    public int CostOfPassing(int first, int end) => _passed[end] - _passed[first + 1];

    /// <summary>What ends before a word.</summary>
    public Boundary Before(int word) => _before[word];

    // More than a cue: a sentence behind a pause has one of its own, unless both are short; and nobody reads what is said a second later.
    private static int CostOfPassing(Boundary boundary, long pauseMs) =>
        (boundary, pauseMs) switch
        {
            (_, >= LongPauseMs) or (Boundary.Sentence, >= Boundaries.PauseMs) => 150,
            (Boundary.Sentence, _) => 50,
            _ => 0,
        };

    private TextMeasure GapBefore(int word) => word == 0 || Words[word].JoinsPrevious ? default : TextMeasure.Gap;
}
