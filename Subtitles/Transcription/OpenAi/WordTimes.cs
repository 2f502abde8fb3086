using Subtitles.Transcription.Speech;

namespace Subtitles.Transcription.OpenAi;

/// <summary>
/// Puts the words of an answer and their times together. The text of its segments is what is written (the words come without punctuation,
/// or not at all); the times of the words are used where they can be matched, and between them time is shared out by length. No word of the
/// text is lost, whatever the times are.
/// </summary>
internal static class WordTimes
{
    // How many words of the list may be skipped to find the next match: contractions and numbers are spelled in two ways.
    private const int Reach = 6;

    /// <summary>The words in their order, with times within the bounds that do not go back.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="segment">The sound that it answers.</param>
    public static IReadOnlyList<SpokenWord> Of(OpenAiAnswer answer, SoundSegment segment)
    {
        var tokens = ReadTokens(answer, (segment.EndMs - segment.StartMs) / 1000.0);
        Match(tokens, answer.Words ?? []);
        foreach (var part in tokens.GroupBy(t => t.Part))
            ShareOut([.. part], part.Key.Start, part.Key.End);
        var (from, until) = (segment.FreeFromMs - segment.StartMs, segment.FreeUntilMs - segment.StartMs);
        if (!AreOrdered(tokens))
        {
            foreach (var token in tokens)
                token.IsKnown = false;
            ShareOut(tokens, 0, (segment.EndMs - segment.StartMs) / 1000.0);
        }
        return [.. tokens.Select(t => new SpokenWord(t.Text, segment.StartMs + Clamp(t.Start), segment.StartMs + Clamp(t.End)))];

        long Clamp(double seconds) => Math.Clamp((long)Math.Round(seconds * 1000), from, until);
    }

    private static List<Token> ReadTokens(OpenAiAnswer answer, double length)
    {
        var tokens = new List<Token>();
        foreach (var segment in answer.Segments ?? [])
            AddAll(segment.Text, new Part(segment.Start, Math.Max(segment.Start, segment.End)));
        if (tokens.Count == 0)
            AddAll(answer.Text, new Part(0, length));
        if (tokens.Count == 0)
        {
            foreach (var word in answer.Words ?? [])
                AddAll(word.Text, new Part(word.Start, Math.Max(word.Start, word.End)));
        }
        return tokens;

        void AddAll(string? text, Part part)
        {
            foreach (var token in (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                tokens.Add(new Token(token, part));
        }
    }

    private static void Match(List<Token> tokens, IReadOnlyList<OpenAiAnswer.Word> words)
    {
        var keys = words.Select(w => Key(w.Text ?? "")).ToArray();
        var next = 0;
        foreach (var token in tokens)
        {
            var key = Key(token.Text);
            if (key.Length == 0)
                continue;
            for (var i = next; i < Math.Min(keys.Length, next + Reach); i++)
            {
                if (keys[i] != key)
                    continue;
                (token.Start, token.End, token.IsKnown) = (words[i].Start, words[i].End, true);
                next = i + 1;
                break;
            }
        }
    }

    private static string Key(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Gives the tokens without a time their share, by their length, of what lies between those that have one.</summary>
    private static void ShareOut(List<Token> tokens, double start, double end)
    {
        for (var i = 0; i < tokens.Count; )
        {
            if (tokens[i].IsKnown)
            {
                start = tokens[i++].End;
                continue;
            }
            var stop = i;
            while (stop < tokens.Count && !tokens[stop].IsKnown)
                stop++;
            var room = Math.Max(0, (stop < tokens.Count ? tokens[stop].Start : end) - start);
            double total = tokens.Skip(i).Take(stop - i).Sum(t => t.Text.Length + 1);
            for (; i < stop; i++)
            {
                tokens[i].Start = start;
                start = tokens[i].End = start + room * (tokens[i].Text.Length + 1) / total;
            }
        }
    }

    private static bool AreOrdered(List<Token> tokens)
    {
        var last = double.NegativeInfinity;
        foreach (var token in tokens)
        {
            // Also false for what is no number.
            if (!(token.Start >= last - 0.05 && token.End >= token.Start && double.IsFinite(token.End)))
                return false;
            last = token.Start;
        }
        return true;
    }

    private sealed record Part(double Start, double End);

    private sealed class Token(string text, Part part)
    {
        public string Text { get; } = text;

        public Part Part { get; } = part;

        public double Start { get; set; }

        public double End { get; set; }

        public bool IsKnown { get; set; }
    }
}
