namespace EventStreams.Client;

/// <summary>Tells that a stream is without a connection for a while. It goes on by itself.</summary>
/// <param name="Error">Why; null when the server closed the stream in order, as a replica does that shuts down or has no room.</param>
/// <param name="Delay">How long until the next attempt.</param>
/// <param name="Fruitless">Connections in succession, this one included, that brought no message.</param>
public sealed record StreamInterruption(Exception? Error, TimeSpan Delay, int Fruitless);
