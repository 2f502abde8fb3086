using HistoryChecker;
using Tests.Fixtures;

namespace Tests.Unit.Histories;

/// <summary>Histories as files, and the command that judges them.</summary>
public sealed class HistoryFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_and_judged()
    {
        var file = _folder["good.jsonl"];
        using (var history = new HistoryWriter(file))
        {
            history.Join("r", "news");
            var began = history.Now;
            history.Attempt("news", "1 \"ä\n", began, AttemptOutcome.Unknown);
            history.Attempt("news", "1 \"ä\n", began, AttemptOutcome.Acknowledged, "e-1");
            history.Delivery("r", "news", "e-1", "1 \"ä\n");
            history.Gap("r", "news", "epoch");
            history.Leave("r", "news", isComplete: true);
        }
        Assert.Equal(
            [HistoryKind.Join, HistoryKind.Publish, HistoryKind.Publish, HistoryKind.Delivery, HistoryKind.Gap, HistoryKind.Leave],
            HistoryFile.Read(file).Select(line => line.Kind)
        );
        var output = new StringWriter();
        Assert.Equal(0, CheckCommand.Run([file], output, output));
        Assert.Contains("PROVED", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_tells_what_is_refuted()
    {
        var file = _folder["bad.jsonl"];
        File.WriteAllText(file, """{"kind":"delivery","topic":"news","at":1,"reader":"r","content":"x"}""");
        var output = new StringWriter();
        Assert.Equal(1, CheckCommand.Run([file], output, output));
        Assert.Contains("REFUTED FromNowhere: 1", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no json", "Line 2")]
    [InlineData("""{"kind":"publish","topic":"t","at":1}""", "Line 2: outcome is missing.")]
    [InlineData("""{"kind":"publish","topic":"t","at":1,"outcome":"unknown","ended":2}""", "Line 2: content is missing.")]
    [InlineData("""{"kind":"join","topic":"t","at":1}""", "Line 2: reader is missing.")]
    [InlineData("""{"kind":"leave","topic":"t","at":1,"reader":"r"}""", "Line 2: complete is missing.")]
    [InlineData("""{"kind":"dance","topic":"t","at":1}""", "Line 2")]
    [InlineData("""{"kind":"join","at":1,"reader":"r"}""", "Line 2")]
    [InlineData("""{"kind":"join","topic":"t","at":1,"reader":"r","colour":"red"}""", "Line 2")]
    [InlineData("null", "Line 2: a line is missing.")]
    public void A_line_that_is_not_of_the_format_is_named(string line, string message)
    {
        var file = _folder["odd.jsonl"];
        File.WriteAllLines(file, ["""{"kind":"join","topic":"t","at":1,"reader":"r"}""", line]);
        var errors = new StringWriter();
        Assert.Equal(2, CheckCommand.Run([file], TextWriter.Null, errors));
        Assert.Contains(message, errors.ToString(), StringComparison.Ordinal);
    }
}
