namespace Web.Fanout;

/// <summary>A viewer at one moment.</summary>
/// <param name="Id">Its number on the page, from 1; <see cref="Window"/> is the window itself.</param>
/// <param name="State"><c>connecting</c>, <c>open</c>, <c>waiting</c> or <c>refused</c>.</param>
/// <param name="Replica">The replica that serves it, or served it last.</param>
/// <param name="Received">Events that came for the first time.</param>
/// <param name="Missing">Events that were skipped.</param>
/// <param name="Duplicated">Events that came again, also those that the client kept to itself.</param>
/// <param name="OutOfOrder">Events that came after a later one.</param>
/// <param name="Connections">Connections made.</param>
public sealed record ViewerReport(
    int Id,
    string State,
    string? Replica,
    long Received,
    long Missing,
    long Duplicated,
    long OutOfOrder,
    long Connections
)
{
    /// <summary>The number of the viewer that is the page's own window.</summary>
    public const int Window = 0;

    /// <summary>Whether it is being served.</summary>
    public bool IsOpen => State == "open";

    /// <summary>A viewer that has not been connected yet.</summary>
    public static ViewerReport New(int id) => new(id, "connecting", null, 0, 0, 0, 0, 0);
}
