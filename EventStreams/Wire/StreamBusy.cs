namespace EventStreams.Wire;

/// <summary>Why a client is sent away, in the data of <c>stream.busy</c>.</summary>
internal static class StreamBusy
{
    /// <summary>The replica has as many streams as it may.</summary>
    public const string Full = "full";

    /// <summary>The client's address has as many streams as it may.</summary>
    public const string Address = "address";

    /// <summary>The replica shuts down.</summary>
    public const string Draining = "draining";

    /// <summary>The replica cannot reach Redis.</summary>
    public const string Unavailable = "unavailable";
}
