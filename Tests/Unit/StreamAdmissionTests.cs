using System.Net;
using EventStreams;
using EventStreams.Fanout;
using Microsoft.Extensions.Options;

namespace Tests.Unit;

public sealed class StreamAdmissionTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("0.0.0.0", "::", false)]
    public void An_address_counts_with_those_that_are_the_same_client(string first, string second, bool isSame)
    {
        var admission = Create(perAddress: 1);
        Assert.Equal(Admission.Admitted, admission.Enter(IPAddress.Parse(first)));
        Assert.Equal(isSame ? Admission.AddressFull : Admission.Admitted, admission.Enter(IPAddress.Parse(second)));
        admission.Leave(IPAddress.Parse(first));
        Assert.Equal(isSame ? Admission.Admitted : Admission.AddressFull, admission.Enter(IPAddress.Parse(second)));
    }

    [Fact]
    public void Zero_is_no_limit_and_without_an_address_there_is_none_either()
    {
        var open = Create();
        var perAddress = Create(perAddress: 1);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(Admission.Admitted, open.Enter(IPAddress.Loopback));
            Assert.Equal(Admission.Admitted, perAddress.Enter(null));
        }
        perAddress.Leave(null);
        Assert.Equal(Admission.Admitted, perAddress.Enter(IPAddress.Loopback));
    }

    [Fact]
    public void A_stream_that_is_turned_away_takes_no_place()
    {
        var admission = Create(total: 2, perAddress: 1);
        Assert.Equal(Admission.Admitted, admission.Enter(IPAddress.Loopback));
        for (var i = 0; i < 10; i++)
            Assert.Equal(Admission.AddressFull, admission.Enter(IPAddress.Loopback));
        Assert.Equal(Admission.Admitted, admission.Enter(IPAddress.IPv6Loopback));
        for (var i = 0; i < 10; i++)
            Assert.Equal(Admission.ReplicaFull, admission.Enter(IPAddress.Parse("192.0.2.1")));
        admission.Leave(IPAddress.Loopback);
        Assert.Equal(Admission.Admitted, admission.Enter(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public async Task The_limit_is_exact_though_many_come_and_go_at_once()
    {
        const int Limit = 50;
        var admission = Create(total: Limit, perAddress: Limit);
        int inside = 0,
            most = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 2000),
            new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (_, _) =>
            {
                if (admission.Enter(IPAddress.Loopback) != Admission.Admitted)
                    return;
                var now = Interlocked.Increment(ref inside);
                lock (admission)
                    most = Math.Max(most, now);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                admission.Leave(IPAddress.Loopback);
            }
        );
        Assert.InRange(most, 1, Limit);
        for (var i = 0; i < Limit; i++)
            Assert.Equal(Admission.Admitted, admission.Enter(IPAddress.Loopback));
        Assert.Equal(Admission.ReplicaFull, admission.Enter(IPAddress.Loopback));
    }

    private static StreamAdmission Create(int total = 0, int perAddress = 0) =>
        new(Options.Create(new EventStreamsOptions { MaxStreams = total, MaxStreamsPerAddress = perAddress }), TimeProvider.System);
}
