using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LocalHosting.Orchestration;

namespace Tests.Unit.LocalHosting;

public sealed class ShutdownOrderTests
{
    [Fact]
    public async Task Dependents_are_stopped_before_what_they_depend_on()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var store = builder.AddRedis("store");
        var api = builder.AddExecutable("api", "true", ".").WithHttpEndpoint().WithReference(store);
        builder.AddExecutable("worker", "true", ".").WaitFor(store);
        builder.AddExecutable("web", "true", ".").WithReference(api.GetEndpoint("http"));

        Assert.Equal([["web", "worker"], ["api"], ["store"]], Names(ShutdownOrder.Stages(builder.Resources)));
    }

    [Fact]
    public async Task A_circle_is_stopped_at_once()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var a = builder.AddExecutable("a", "true", ".").WithHttpEndpoint();
        var b = builder.AddExecutable("b", "true", ".").WithHttpEndpoint().WithReference(a.GetEndpoint("http"));
        a.WithReference(b.GetEndpoint("http"));

        Assert.Equal([["a", "b"]], Names(ShutdownOrder.Stages(builder.Resources)));
    }

    private static List<List<string>> Names(IReadOnlyList<IReadOnlyList<IResource>> stages) =>
        stages.Select(s => s.Select(r => r.Name).Order().ToList()).ToList();
}
