namespace Subtitles.Media;

/// <summary>The bytes are no format that is taken; the message says which are.</summary>
public sealed class UnsupportedMediaException : Exception
{
    /// <summary>Creates the exception.</summary>
    public UnsupportedMediaException(string message)
        : base(message) { }

    /// <summary>Creates the exception.</summary>
    public UnsupportedMediaException()
        : this($"The media is not in a format that is taken: {MediaFormat.SupportedMedia}.") { }

    /// <summary>Creates the exception.</summary>
    public UnsupportedMediaException(string message, Exception inner)
        : base(message, inner) { }
}
