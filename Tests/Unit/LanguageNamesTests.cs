using Subtitles.Transcription.OpenAi;

namespace Tests.Unit;

public sealed class LanguageNamesTests
{
    [Theory]
    [InlineData("english", "en")]
    [InlineData("Portuguese", "pt")]
    [InlineData("haitian", "ht")]
    [InlineData("fr", "fr")]
    [InlineData("deu", "de")]
    [InlineData("pt-BR", "pt")]
    [InlineData("yue", "yue")]
    [InlineData("und", null)]
    [InlineData("klingonese", null)]
    [InlineData("<script>", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Names_and_codes_of_answers_are_tags(string? name, string? tag) => Assert.Equal(tag, LanguageNames.TagOf(name));
}
