using EventStreams.Client;

namespace Tests.Unit.Client;

public sealed class StreamPositionTests
{
    [Theory]
    [InlineData("abc-4-1f", "abc-5-2e", nameof(Place.Next))]
    [InlineData("abc-4", "abc-5", nameof(Place.Next))]
    [InlineData("abc-4-1f", "abc-4-1f", nameof(Place.Seen))]
    [InlineData("abc-4-1f", "abc-1-9", nameof(Place.Seen))]
    [InlineData("abc-4-1f", "abc-6-9", nameof(Place.AfterMissed))]
    [InlineData("abc-4-1f", "xyz-5-9", nameof(Place.AfterMissed))]
    [InlineData("0-0", "abc-1-9", nameof(Place.Next))]
    [InlineData("0-0", "abc-2-9", nameof(Place.AfterMissed))]
    [InlineData(null, "abc-7-9", nameof(Place.Next))]
    [InlineData("abc-4-1f", "anything", nameof(Place.Next))]
    [InlineData("anything", "anything", nameof(Place.Next))]
    [InlineData("abc-4-1f", "abc--5", nameof(Place.Next))]
    [InlineData("abc-4-1f", null, nameof(Place.Next))]
    public void An_id_is_judged_by_its_place_behind_the_last(string? last, string? next, string place) =>
        Assert.Equal(place, new StreamPosition(last).Advance(next).ToString());

    [Fact]
    public void Only_what_was_not_seen_moves_the_position()
    {
        var position = new StreamPosition("abc-4-1f");
        position.Advance("abc-2-7");
        position.Advance(null);
        Assert.Equal("abc-4-1f", position.LastEventId);
        position.Advance("abc-6-8");
        Assert.Equal("abc-6-8", position.LastEventId);
        position.MoveTo("abc-1-2");
        Assert.Equal((Place.Next, "abc-2-7"), (position.Advance("abc-2-7"), position.LastEventId));
    }

    [Fact]
    public void An_empty_id_takes_the_position_back_as_the_format_has_it()
    {
        var position = new StreamPosition("one");
        Assert.Equal(Place.Next, position.Advance(""));
        Assert.Null(position.LastEventId);
    }
}
