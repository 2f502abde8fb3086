using System.Globalization;

namespace Subtitles.Formats;

/// <summary>A subtitle file is malformed or beyond the limits; the message names the line.</summary>
public sealed class SubtitleFormatException : Exception
{
    /// <summary>Creates the exception for a line (1-based).</summary>
    public SubtitleFormatException(int line, string problem)
        : base(string.Create(CultureInfo.InvariantCulture, $"Line {line}: {problem}")) => Line = line;

    /// <summary>Creates the exception.</summary>
    public SubtitleFormatException()
        : this("The subtitle file is malformed.") { }

    /// <summary>Creates the exception.</summary>
    public SubtitleFormatException(string message)
        : base(message) { }

    /// <summary>Creates the exception.</summary>
    public SubtitleFormatException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>The line, counted from 1; 0 when the problem is not that of one line.</summary>
    public int Line { get; }
}
