using EventStreams;

namespace Tests.Unit;

public sealed class TopicTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("job:Zx_-9.b")]
    [InlineData("9lives")]
    public void Takes_valid_names(string name) => Assert.Equal(name, Topic.Parse(name).Name);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData(":a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a{b}")]
    [InlineData("a\n")]
    [InlineData("ä")]
    public void Refuses_others(string? name) => Assert.False(Topic.TryParse(name, out _));

    [Fact]
    public void Has_a_longest_name()
    {
        Assert.True(Topic.TryParse(new string('a', Topic.MaxLength), out _));
        Assert.False(Topic.TryParse(new string('a', Topic.MaxLength + 1), out _));
    }
}
