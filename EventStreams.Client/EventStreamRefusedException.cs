using System.Net;

namespace EventStreams.Client;

/// <summary>The server's answer was not a stream, and asking again would not change that. The message says what the server said.</summary>
public sealed class EventStreamRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public EventStreamRefusedException() { }

    /// <summary>Creates the exception.</summary>
    public EventStreamRefusedException(string message)
        : base(message) { }

    /// <summary>Creates the exception.</summary>
    public EventStreamRefusedException(string message, Exception? inner)
        : base(message, inner) { }

    /// <summary>Creates the exception.</summary>
    public EventStreamRefusedException(HttpStatusCode status, string message)
        : base(message) => StatusCode = status;

    /// <summary>The answer's status.</summary>
    public HttpStatusCode? StatusCode { get; }
}
