namespace EventStreams.Fanout;

/// <summary>Registered when the server is set up so that a stream may be written to its socket directly.</summary>
internal sealed class DirectSocketMarker;
