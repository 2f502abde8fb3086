using BenchmarkDotNet.Attributes;

namespace Benchmarks.Micro;

/// <summary>
/// A pass that brings one event to many streams whose sinks take everything: the library's own cost, without sockets. A figure is for one
/// pass; what a pass allocates must not grow with the streams, since a delivery allocates nothing.
/// </summary>
public class PumpBenchmarks
{
    private PumpUnderTest? _pump;

    [Params(1, 100, 10_000)]
    public int Streams { get; set; }

    [GlobalSetup]
    public void Open() => _pump = PumpUnderTest.Open(Streams);

    [GlobalCleanup]
    public void Close() => _pump?.Dispose();

    [Benchmark]
    public void Pass() => _pump!.Pass();
}
