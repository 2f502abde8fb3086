using Dashboard.Consoles;

namespace Tests.Unit.Dashboards;

public sealed class AnsiTextTests
{
    [Fact]
    public void A_line_of_the_console_logger_is_read_as_it_looks_in_a_terminal()
    {
        const string Line = "\e[40m\e[32minfo\e[39m\e[22m\e[49m: Started";
        Assert.Equal("info: Started", AnsiText.Plain(Line));
        Assert.Equal(
            [new AnsiPart("info", new(AnsiColor.Of(2), AnsiColor.Of(0), false)), new AnsiPart(": Started", default)],
            AnsiText.Parse(Line));
    }

    [Theory]
    [InlineData("\e[1;91mx", 9, true)]
    [InlineData("\e[38;5;12mx", 12, false)]
    [InlineData("\e[31m\e[0;34mx", 4, false)]
    [InlineData("\e[31m\e[mx", null, false)]
    [InlineData("\e[31m\e[4mx", 1, false)]
    public void Codes_add_up_until_they_are_taken_back(string line, int? color, bool isBold)
    {
        var part = Assert.Single(AnsiText.Parse(line));
        Assert.Equal(("x", color, isBold), (part.Text, part.Look.Color?.Number, part.Look.IsBold));
    }

    [Theory]
    [InlineData("\e[38;2;16;32;255mx", "#1020ff")]
    [InlineData("\e[38;5;196mx", "#ff0000")]
    [InlineData("\e[38;5;232mx", "#080808")]
    public void Fixed_colours_keep_their_value(string line, string css)
    {
        var color = Assert.Single(AnsiText.Parse(line)).Look.Color;
        Assert.Equal((null, css), (color?.Number, color?.Css));
    }

    [Theory]
    [InlineData("no sequence", "no sequence")]
    [InlineData("\e[2K\e[1Gmoved", "moved")]
    [InlineData("\e]8;;https://example.test\e\\link\e]8;;\e\\", "link")]
    [InlineData("broken \e[38;5", "broken [38;5")]
    [InlineData("\e[999999999999mx", "x")]
    public void What_is_not_text_is_left_out(string line, string text)
    {
        Assert.Equal(text, AnsiText.Plain(line));
        Assert.Equal(text, string.Concat(AnsiText.Parse(line).Select(p => p.Text)));
    }
}
