namespace Dashboard.Telemetry.Traces;

/// <summary>A trace at one moment: it may still grow.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The name of its root span, else of the earliest.</param>
/// <param name="Root">The process that the named span belongs to.</param>
/// <param name="Start">When its earliest span began.</param>
/// <param name="Duration">From there to the end of the span that ended last.</param>
/// <param name="Spans">How many spans it has.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="Resources">The processes that it went through, in the order in which they came in.</param>
public sealed record TraceSummary(
    TraceId Id, string Name, TelemetryResource Root, DateTimeOffset Start, TimeSpan Duration, int Spans, int Errors, IReadOnlyList<TraceResource> Resources);

/// <summary>What one process has to do with a trace.</summary>
public sealed record TraceResource(TelemetryResource Resource, int Spans, int Errors);

/// <summary>A whole trace.</summary>
/// <param name="Summary">What the list shows of it.</param>
/// <param name="Spans">By start time.</param>
/// <param name="Backlinks">The links that lead to its spans, from this trace or from others.</param>
public sealed record TraceDetail(TraceSummary Summary, IReadOnlyList<Span> Spans, IReadOnlyList<Backlink> Backlinks);

/// <summary>A link seen from its target.</summary>
/// <param name="Target">The span of the trace that was asked for.</param>
/// <param name="Source">The span that links to it.</param>
public sealed record Backlink(SpanId Target, Span Source);

/// <summary>Traces that match a query.</summary>
/// <param name="Traces">The newest first, by when they began to arrive.</param>
/// <param name="Matching">How many match in all.</param>
/// <param name="Kept">How many are kept in all.</param>
/// <param name="Dropped">How many older ones have made way for newer ones.</param>
/// <param name="Longest">The longest duration among all that match.</param>
public sealed record TracePage(IReadOnlyList<TraceSummary> Traces, int Matching, int Kept, long Dropped, TimeSpan Longest);
