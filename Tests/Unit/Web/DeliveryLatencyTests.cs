using Microsoft.Extensions.Time.Testing;
using Web.Fanout;

namespace Tests.Unit.Web;

public sealed class DeliveryLatencyTests
{
    [Fact]
    public void Half_and_99_of_100_deliveries_of_the_last_ten_seconds_are_told()
    {
        var time = new FakeTimeProvider();
        var latency = new DeliveryLatency(time);
        Assert.Null(latency.Percentiles());
        latency.Published(1);
        for (var i = 1; i <= 100; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            latency.Delivered(1);
        }
        Assert.Equal((50, 99), latency.Percentiles());
        // Not one of this page's, and one that anybody may have published.
        latency.Delivered(2);
        latency.Delivered(-1);
        Assert.Equal((50, 99), latency.Percentiles());
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(latency.Percentiles());
    }
}
