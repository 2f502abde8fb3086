namespace Subtitles.Media;

/// <summary>A source is at an address from which nothing is fetched; the message says why.</summary>
public sealed class SourceAddressException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SourceAddressException(string message)
        : base(message) { }

    /// <summary>Creates the exception.</summary>
    public SourceAddressException()
        : this("Nothing is fetched from that address.") { }

    /// <summary>Creates the exception.</summary>
    public SourceAddressException(string message, Exception inner)
        : base(message, inner) { }
}
