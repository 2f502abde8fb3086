namespace Subtitles.Transcription.Speech;

/// <summary>What ends between two words, as far as punctuation, pauses and a few words show it.</summary>
internal enum Boundary
{
    /// <summary>The word before belongs to the one behind: an article or a preposition to its noun, or both are parts of one
    /// word.</summary>
    Bound,

    /// <summary>Nothing that can be seen.</summary>
    None,

    /// <summary>A phrase: a preposition or conjunction begins the next one, or somebody took breath.</summary>
    Phrase,

    /// <summary>A clause: a comma, a colon, a semicolon, a dash, or a pause.</summary>
    Clause,

    /// <summary>A sentence.</summary>
    Sentence,
}

/// <summary>Finds boundaries. The words are known for a few languages only; for others there is punctuation, and there are
/// pauses.</summary>
internal sealed class Boundaries
{
    private const string SentenceMarks = ".!?…。！？؟।";
    private const string ClauseMarks = ",;:–—、，；：،؛";

    // They stand behind the mark that ends a sentence or clause.
    private const string ClosingMarks = "\"'”’»)]」』）】";

    public const long PauseMs = 300;
    private const long BreathMs = 100;

    private static readonly Boundaries Unknown = new("", "", "");

    private static readonly Dictionary<string, Boundaries> Known = new()
    {
        ["en"] = new(
            "a an the my your his her its our their this these those every each no very",
            "of in on at to for from with by into about over under between through without and or but because when while if that which who "
                + "than as so",
            "mr. mrs. ms. dr. prof. st."
        ),
        ["de"] = new(
            "der die das den dem des ein eine einen einem einer eines kein keine mein meine dein deine sein seine ihr ihre unser unsere "
                + "dieser diese dieses jeder jede jedes sehr",
            "in im an am auf aus bei beim mit nach von vom vor zu zum zur für über unter durch ohne um und oder aber weil dass daß wenn "
                + "als ob denn",
            "dr. prof. hr. fr."
        ),
        ["fr"] = new(
            "le la les un une des du ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs chaque très",
            "de à au aux en dans sur sous avec pour par sans chez vers entre et ou mais que qui car quand si comme",
            "m. mme. dr."
        ),
        ["es"] = new(
            "el la los las un una unos unas mi mis tu tus su sus este esta estos estas cada muy",
            "de del a al en con por para sin sobre entre desde hasta y e o u pero que porque cuando si como",
            "sr. sra. dr. dra."
        ),
    };

    private readonly HashSet<string> _determiners;
    private readonly HashSet<string> _beginnings;
    private readonly HashSet<string> _titles;

    private Boundaries(string determiners, string beginnings, string titles) =>
        (_determiners, _beginnings, _titles) = (Set(determiners), Set(beginnings), Set(titles));

    /// <summary>Those of a language; null or one that is not known has no words.</summary>
    public static Boundaries For(string? language) =>
        language is null ? Unknown : Known.GetValueOrDefault(LanguageTag.Primary(language), Unknown);

    /// <summary>What ends between two words that follow each other.</summary>
    public Boundary Between(SpokenWord before, SpokenWord behind)
    {
        var text = before.Text.AsSpan().TrimEnd(ClosingMarks);
        if (text.Length == 0 || behind.Text.Length == 0)
            return Boundary.None;
        var last = text[^1];
        if (SentenceMarks.Contains(last) && !_titles.Contains(Key(before.Text)))
            return char.IsLower(behind.Text[0]) ? Boundary.Clause : Boundary.Sentence;
        if (ClauseMarks.Contains(last) || (text.Length == 1 && last == '-'))
            return Boundary.Clause;
        if (behind.JoinsPrevious)
            return IsKana(last) && !IsKana(behind.Text[0]) ? Boundary.Phrase : Boundary.Bound;
        var pause = behind.StartMs - before.EndMs;
        if (pause >= PauseMs)
            return Boundary.Clause;
        var key = Key(before.Text);
        if (_determiners.Contains(key) || _beginnings.Contains(key) || _titles.Contains(key))
            return Boundary.Bound;
        return pause >= BreathMs || _beginnings.Contains(Key(behind.Text)) ? Boundary.Phrase : Boundary.None;
    }

    // In Japanese a phrase most often ends in hiragana and the next one begins with something else.
    public static bool IsKana(char c) => c is >= '\u3041' and <= '\u309F';

    private static string Key(string text) => text.ToLowerInvariant();

    private static HashSet<string> Set(string words) => [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
