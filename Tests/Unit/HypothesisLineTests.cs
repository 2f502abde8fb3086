using Subtitles.Transcription.PocketSphinx;
using Subtitles.Transcription.Speech;

namespace Tests.Unit;

public sealed class HypothesisLineTests
{
    [Fact]
    public void Reads_words_with_times_and_leaves_noises_out() =>
        Assert.Equal(
            [new SpokenWord("the", 5090, 5310), new SpokenWord("I'd", 5310, 5700), new SpokenWord("bell", 6000, 6450)],
            HypothesisLine.Read(
                "u000001 S 0 T -14 A -10 L -6 0 -148 0 <s> 9 -403 -330 the(2) 31 -644 -592 i'd 70 -1 -1 <sil> 80 -1 -1 [NOISE] 90 -1 -1 "
                    + "++UM++ 100 -10 -9 bell 145 -6 -4 </s> 160",
                "u000001",
                5000
            )
        );

    [Fact]
    public void Nothing_heard_is_no_word() => Assert.Empty(HypothesisLine.Read("u000002 S 0 T 0 A 0 L 0 583", "u000002", 0));

    [Theory]
    [InlineData("")]
    [InlineData("u000001")]
    [InlineData("u000003 S 0 T 0 A 0 L 0 583")]
    [InlineData("u000002 S 0 T 0 A 0 L 0 1 2 word 583")]
    [InlineData("u000002 S 0 T 0 A 0 L 0 x -1 -1 word 583")]
    public void An_unknown_form_is_an_error(string line) => Assert.Throws<FormatException>(() => HypothesisLine.Read(line, "u000002", 0));
}
