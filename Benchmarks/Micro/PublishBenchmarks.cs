using BenchmarkDotNet.Attributes;
using Benchmarks.Publishing;
using EventStreams;

namespace Benchmarks.Micro;

/// <summary>Publishing to a redis-server of the benchmark's own. A figure is for one event.</summary>
public class PublishBenchmarks
{
    private const int Events = 2000;

    private readonly Topic _topic = Topic.Parse("bench");
    private readonly EventMessage _message = new("message", Samples.Payload);
    private PublisherUnderTest? _target;

    [GlobalSetup]
    public async Task StartAsync() => _target = await PublisherUnderTest.StartAsync();

    [GlobalCleanup]
    public void Stop() => _target?.Dispose();

    [Benchmark(OperationsPerInvoke = Events)]
    public Task OneAfterTheOther() => PublishWorks.OneAfterTheOtherAsync(_target!.Publisher, _topic, _message, Events);

    [Benchmark(OperationsPerInvoke = Events)]
    public Task HundredInFlight() => PublishWorks.ManyInFlightAsync(_target!.Publisher, _topic, _message, Events);

    [Benchmark(OperationsPerInvoke = Events)]
    public Task HundredInACall() => PublishWorks.BatchesAsync(_target!.Publisher, _topic, _message, Events);
}
