using Web.Jobs;

namespace Tests.Unit.Web;

public sealed class JobSummaryTests
{
    [Theory]
    [InlineData("No engine can. a: Set A:B. b: no", "No engine can.", "a: Set A:B. b: no")]
    [InlineData("The host 'a.b' was not found.", "The host 'a.b' was not found.", "")]
    [InlineData("Is it whole? Try.", "Is it whole?", "Try.")]
    [InlineData("no sentence", "no sentence", "")]
    [InlineData(null, null, "")]
    public void The_first_sentence_of_a_failure_is_for_everybody(string? error, string? reason, string details)
    {
        var job = new JobSummary
        {
            Id = "a",
            Status = "failed",
            Error = error,
        };
        Assert.Equal((reason, details), (job.Reason, job.Details));
    }
}
