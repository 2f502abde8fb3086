namespace Web.Fanout;

/// <summary>What happened since the batch before, for the picture.</summary>
/// <param name="Published">Numbers of the events that Redis has taken.</param>
/// <param name="Deliveries">Pairs in a row: an event's number, and the viewer that got it.</param>
/// <param name="Viewers">Those that changed.</param>
/// <param name="Count">How many viewers there are.</param>
public sealed record FanoutBatch(
    IReadOnlyList<long> Published,
    IReadOnlyList<long> Deliveries,
    IReadOnlyList<ViewerReport> Viewers,
    int Count
);
