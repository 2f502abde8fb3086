using Api.Jobs;
using Api.Problems;
using Subtitles.Jobs;

namespace Tests.Unit.Jobs;

public sealed class JobFieldsTests
{
    [Theory]
    [InlineData(null, "auto")]
    [InlineData("", "auto")]
    [InlineData("de", "de")]
    [InlineData("pt-BR", "pt-BR")]
    [InlineData("zh-Hant-TW", "zh-Hant-TW")]
    public void Takes_language_tags(string? text, string language) => Assert.Equal(language, JobFields.Language(text));

    [Theory]
    [InlineData("e")]
    [InlineData("english please")]
    [InlineData("en_US")]
    [InlineData("en-")]
    [InlineData("en\n")]
    [InlineData("aaaaaaaa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee")]
    public void Refuses_other_languages(string text) =>
        Assert.Equal("language", Assert.Throws<ApiException>(() => JobFields.Language(text)).Field);

    [Fact]
    public void Takes_two_paces()
    {
        Assert.Equal(JobPace.Fast, JobFields.Pace(null));
        Assert.Equal(JobPace.Fast, JobFields.Pace("fast"));
        Assert.Equal(JobPace.Realtime, JobFields.Pace("realtime"));
        Assert.Throws<ApiException>(() => JobFields.Pace("Fast"));
    }

    [Theory]
    [InlineData(null, "upload")]
    [InlineData("  ", "upload")]
    [InlineData("talk.mp4", "talk.mp4")]
    [InlineData("C:\\videos\\talk.mp4", "talk.mp4")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("a\r\nb\0", "ab")]
    public void Makes_titles_of_file_names(string? name, string title) => Assert.Equal(title, JobFields.Title(name, "upload"));

    [Fact]
    public void Cuts_long_titles_between_characters()
    {
        var title = JobFields.Title(new string('a', 119) + "😀😀", "upload");
        Assert.Equal(new string('a', 119), title);
    }

    [Fact]
    public void A_title_has_no_characters_that_turn_its_direction() =>
        Assert.Equal("invoicefdp.exe", JobFields.Title("invoice\u202Efdp\u2066.exe\u200F", "none"));

    [Theory]
    [InlineData("https://bucket.example/talk.wav?X-Amz-Signature=abc#part", "https://bucket.example/talk.wav")]
    [InlineData("sample:tour", "sample:tour")]
    [InlineData("upload:0123.wav", "upload:0123.wav")]
    public void A_source_is_shown_without_what_may_be_a_signature(string source, string shown) =>
        Assert.Equal(shown, new JobRequest(source, "en", JobPace.Fast, null, "a job").PublicSource);
}
