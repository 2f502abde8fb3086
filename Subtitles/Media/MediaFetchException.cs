namespace Subtitles.Media;

/// <summary>The source gave no media; the message is for the person who named it.</summary>
public sealed class MediaFetchException : Exception
{
    /// <summary>Creates the exception.</summary>
    public MediaFetchException(string message, bool isTransient, Exception? inner = null)
        : base(message, inner) => IsTransient = isTransient;

    /// <summary>Creates the exception.</summary>
    public MediaFetchException()
        : this("The source gave no media.", false) { }

    /// <summary>Creates the exception.</summary>
    public MediaFetchException(string message)
        : this(message, false) { }

    /// <summary>Creates the exception.</summary>
    public MediaFetchException(string message, Exception inner)
        : this(message, false, inner) { }

    /// <summary>Whether another try may succeed.</summary>
    public bool IsTransient { get; }
}
