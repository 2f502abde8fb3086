namespace EventStreams;

/// <summary>Redis could not be reached in time. A publish that ended so may or may not have been carried out.</summary>
public sealed class EventStreamUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public EventStreamUnavailableException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>Creates the exception.</summary>
    public EventStreamUnavailableException()
        : this("Redis could not be reached in time.") { }

    /// <summary>Creates the exception.</summary>
    public EventStreamUnavailableException(string message)
        : this(message, null) { }
}
