namespace Subtitles.Media;

/// <summary>A name server did not know a host, or did not answer. Unlike a refusal by rule (<see cref="SourceAddressException"/>) it may
/// pass.</summary>
public sealed class HostLookupException : Exception
{
    /// <summary>Creates the exception.</summary>
    public HostLookupException(string message, bool isUnknown, Exception? inner = null)
        : base(message, inner) => IsUnknown = isUnknown;

    /// <summary>Creates the exception.</summary>
    public HostLookupException()
        : this("The host was not found.", isUnknown: false) { }

    /// <summary>Creates the exception.</summary>
    public HostLookupException(string message)
        : this(message, isUnknown: false) { }

    /// <summary>Creates the exception.</summary>
    public HostLookupException(string message, Exception inner)
        : this(message, isUnknown: false, inner) { }

    /// <summary>Whether a name server said that there is no such host; false where none answered.</summary>
    public bool IsUnknown { get; }
}
