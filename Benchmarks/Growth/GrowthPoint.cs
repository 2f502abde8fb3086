using Benchmarks.Fanout;

namespace Benchmarks.Growth;

/// <summary>A size of the work, and what it cost.</summary>
/// <param name="Streams">Open streams.</param>
/// <param name="Topics">Topics, over which the streams are spread evenly.</param>
/// <param name="EventsPerSecond">Events published a second, all topics together.</param>
/// <param name="Cost">What was measured.</param>
/// <param name="Footprint">Memory and the time to open.</param>
internal sealed record GrowthPoint(int Streams, int Topics, int EventsPerSecond, Measurement Cost, Footprint Footprint);
