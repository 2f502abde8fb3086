namespace Dashboard.Telemetry;

/// <summary>
/// Lets texts that come again and again be one object. A table of fixed size in which each text has one place: a newer text takes the place of an older one, so texts that come
/// only once do no harm. Threads may overwrite each other's entries, which costs a copy and nothing else.
/// </summary>
internal sealed class TextPool
{
    private const int Size = 1 << 14;
    private const int MaxLength = 96;

    private readonly string?[] _texts = new string?[Size];

    public string Shared(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return text;
        }

        ref var place = ref _texts[text.GetHashCode() & (Size - 1)];
        var known = place;
        if (known is not null && string.Equals(known, text, StringComparison.Ordinal))
        {
            return known;
        }

        place = text;
        return text;
    }
}
