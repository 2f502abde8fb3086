using EventStreams;

namespace Tests.Unit;

public sealed class EventIdTests
{
    [Theory]
    [InlineData("k3f9-17-5a3c", "k3f9", 17, 0x5a3cu)]
    [InlineData("k3f9-17", "k3f9", 17, 0u)]
    [InlineData("A0-0", "A0", 0, 0u)]
    public void Reads_and_writes_its_text_form(string text, string epoch, long offset, uint check)
    {
        Assert.True(EventId.TryParse(text, out var id));
        Assert.Equal(new EventId(epoch, offset, check), id);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("k3f9")]
    [InlineData("-17")]
    [InlineData("k3f9-")]
    [InlineData("k3f9--1")]
    [InlineData("k3f9-+1")]
    [InlineData("k3 f9-1")]
    [InlineData("k3f9-1-")]
    [InlineData("k3f9-1-xyz")]
    [InlineData("k3f9-1-123456789")]
    [InlineData("k3f9-99999999999999999999")]
    [InlineData("k3f9k3f9k3f9k3f9k3f9k3f9k3f9k3f9x-1")]
    public void Refuses_what_is_no_id(string? text) => Assert.False(EventId.TryParse(text, out _));

    [Fact]
    public void Tells_an_event_of_an_older_copy_by_its_check()
    {
        var seen = new EventId("e", 5, 0xaaaa);
        Assert.True(seen.IsSameEventAs(new EventId("e", 5, 0xaaaa)));
        Assert.False(seen.IsSameEventAs(new EventId("e", 5, 0xbbbb)));
        Assert.True(seen.IsSameEventAs(new EventId("e", 5)));
        Assert.False(seen.IsSameEventAs(new EventId("f", 5, 0xaaaa)));
    }
}
