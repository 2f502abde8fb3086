using EventStreams.Client;

namespace Tests.Unit.Client;

public sealed class ReconnectDelayTests
{
    private static readonly FollowOptions Options = new() { Retry = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(5) };

    [Fact]
    public void A_connection_that_brought_something_is_followed_by_the_delay_that_the_server_asked_for_and_up_to_half_as_much()
    {
        var delay = new ReconnectDelay(Options, new Random(1));
        delay.Told(TimeSpan.FromMilliseconds(1000));
        var drawn = Enumerable.Range(0, 200).Select(_ => delay.Next(isFruitless: false).TotalMilliseconds).ToList();
        Assert.All(drawn, ms => Assert.InRange(ms, 1000, 1500));
        Assert.True(drawn.Max() - drawn.Min() > 250, "The delays of a crowd must differ.");
    }

    [Fact]
    public void The_delay_doubles_while_nothing_comes_up_to_the_cap_and_begins_anew_with_a_message()
    {
        var delay = new ReconnectDelay(Options, new Random(1));
        foreach (var expected in new[] { 200, 400, 800, 1600, 3200, 5000, 5000 })
            Assert.InRange(delay.Next(isFruitless: true).TotalMilliseconds, expected, expected * 1.5);
        delay.Delivered();
        Assert.InRange(delay.Next(isFruitless: true).TotalMilliseconds, 200, 300);
    }

    [Fact]
    public void The_delay_grows_though_the_server_asks_for_none()
    {
        var delay = new ReconnectDelay(Options, new Random(1));
        delay.Told(TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, delay.Next(isFruitless: false));
        Assert.Equal(TimeSpan.Zero, delay.Next(isFruitless: true));
        Assert.InRange(delay.Next(isFruitless: true).TotalMilliseconds, 200, 300);
        Assert.InRange(delay.Next(isFruitless: true).TotalMilliseconds, 400, 600);
    }

    [Fact]
    public void A_delay_beyond_the_cap_is_kept_to_when_the_server_asks_for_it()
    {
        var delay = new ReconnectDelay(Options, new Random(1));
        delay.Told(TimeSpan.FromSeconds(60));
        for (var i = 0; i < 5; i++)
            Assert.InRange(delay.Next(isFruitless: true).TotalSeconds, 60, 90);
        delay.Told(TimeSpan.FromMilliseconds(1));
        Assert.InRange(delay.Next(isFruitless: false, TimeSpan.FromSeconds(40)).TotalSeconds, 40, 60);
    }

    [Fact]
    public void No_number_of_a_server_makes_a_delay_that_a_timer_does_not_take()
    {
        var delay = new ReconnectDelay(Options, new Random(1));
        delay.Told(TimeSpan.MaxValue);
        for (var i = 0; i < 100; i++)
            Assert.InRange(delay.Next(isFruitless: true, TimeSpan.MaxValue), TimeSpan.FromDays(1), TimeSpan.FromDays(1.5));
    }
}
