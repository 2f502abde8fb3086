using System.Diagnostics.CodeAnalysis;

namespace EventStreams;

/// <summary>
/// The validated name of one event stream: 1 to 200 characters, a letter or digit first, then letters, digits and <c>. _ : -</c> (ASCII).
/// The alphabet is what may stand in a URL segment, a Redis key and a Redis Cluster hash tag without escaping.
/// </summary>
public readonly record struct Topic
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 200;

    private readonly string? _name;

    private Topic(string name) => _name = name;

    /// <summary>The name as text.</summary>
    public string Name => _name ?? throw new InvalidOperationException("An uninitialised Topic has no name; create one with Topic.Parse.");

    /// <summary>Parses a name.</summary>
    /// <exception cref="FormatException">The name is not valid; the message says what is.</exception>
    public static Topic Parse(string name) =>
        TryParse(name, out var topic)
            ? topic
            : throw new FormatException(
                $"A topic name has 1 to {MaxLength} characters, starts with a letter or digit, and goes on with letters, digits, '.', "
                    + "'_', ':' or '-'."
            );

    /// <summary>Parses a name; false when it is not valid.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out Topic topic)
    {
        topic = default;
        if (string.IsNullOrEmpty(name) || name.Length > MaxLength || !char.IsAsciiLetterOrDigit(name[0]))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
                return false;
        }
        topic = new Topic(name);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _name ?? "";
}
