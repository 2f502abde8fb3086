using Benchmarks.Micro;

namespace Tests.Unit;

/// <summary>What makes thousands of streams cheap: a delivery leaves nothing for the garbage collector.</summary>
public sealed class PumpAllocationTests
{
    private const int Passes = 1000;

    [Fact]
    public void A_delivery_allocates_nothing()
    {
        // Few enough to be pumped on this thread, whose allocations can be read. What remains is the event's own, once for all streams.
        var forOne = AllocatedInAPass(streams: 1);
        var forEight = AllocatedInAPass(streams: 8);
        Assert.InRange(forEight - forOne, -8, 8);
    }

    private static long AllocatedInAPass(int streams)
    {
        using var pump = PumpUnderTest.Open(streams);
        Run(pump);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(pump);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Passes;
    }

    private static void Run(PumpUnderTest pump)
    {
        for (var i = 0; i < Passes; i++)
            pump.Pass();
    }
}
