using Subtitles.Transcription.Tools;

namespace Tests.Integration;

public sealed class ExternalProcessTests
{
    [Fact]
    public async Task A_program_gets_none_of_this_process_secrets()
    {
        // A name that means nothing to anything: the variable is this whole process', and of all the programs that its other tests start.
        Environment.SetEnvironmentVariable("EXTERNAL_PROCESS_TEST", "very-secret");
        await using var process = ExternalProcess.Start("env", [], TimeSpan.FromSeconds(20), default);
        var environment = await process.OutputText.ReadToEndAsync();
        Assert.Equal(0, await process.WaitForExitAsync());
        Assert.Contains("PATH=", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", environment, StringComparison.Ordinal);
    }
}
