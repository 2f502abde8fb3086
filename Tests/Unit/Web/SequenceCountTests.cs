using Web.Fanout;

namespace Tests.Unit.Web;

public sealed class SequenceCountTests
{
    [Theory]
    [InlineData("7 8 9", "3 0 0 0")]
    [InlineData("1 2 5", "3 2 0 0")]
    [InlineData("1 2 2 1 3", "3 0 2 0")]
    [InlineData("1 3 2 4", "4 0 0 1")]
    [InlineData("1 4 2 2 5", "4 1 1 1")]
    [InlineData("3 1", "1 0 1 0")]
    [InlineData("1 2 | 9 10", "4 0 0 0")]
    [InlineData("1 3 | 9 2", "3 1 1 0")]
    public void Numbers_are_judged_by_what_came_before(string numbers, string expected)
    {
        var count = new SequenceCount();
        foreach (var word in numbers.Split(' '))
        {
            if (word == "|")
                count.StartAnew();
            else
                count.Count(long.Parse(word, System.Globalization.CultureInfo.InvariantCulture));
        }
        Assert.Equal(expected, $"{count.Received} {count.Missing} {count.Duplicated} {count.OutOfOrder}");
    }
}
