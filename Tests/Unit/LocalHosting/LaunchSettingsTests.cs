using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Tests.Fixtures;

namespace Tests.Unit.LocalHosting;

public sealed class LaunchSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_launch_profile_gives_a_project_its_endpoints()
    {
        Write("""{ "profiles": { "iis": { "commandName": "IISExpress" }, "http": { "commandName": "Project", "applicationUrl": "https://localhost:7001;http://*:5001" } } }""");
        await using var builder = DistributedApplicationTestingBuilder.Create();

        var project = builder.AddProject("service", _folder["service.csproj"]).Resource;

        Assert.Equal(
            [("https", 7001), ("http", 5001)],
            project.Annotations.OfType<EndpointAnnotation>().Select(e => (e.Name, e.Port!.Value)));
    }

    [Theory]
    [InlineData("{ not json", "Cannot read the launch settings")]
    [InlineData("""{ "profiles": { "http": { "commandName": "Project", "applicationUrl": "localhost" } } }""", "which is not an address")]
    public async Task Bad_launch_settings_end_the_start_with_a_sentence(string text, string expected)
    {
        Write(text);
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddProject("service", _folder["service.csproj"]);
        await using var app = await builder.BuildAsync();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_launch_profile_that_is_not_there_is_named_together_with_those_that_are()
    {
        Write("""{ "profiles": { "http": { "commandName": "Project" } } }""");
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddProject("service", _folder["service.csproj"], "https");
        await using var app = await builder.BuildAsync();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync());

        Assert.Contains("no launch profile 'https'; it has 'http'", error.Message, StringComparison.Ordinal);
    }

    private void Write(string text)
    {
        Directory.CreateDirectory(_folder["Properties"]);
        File.WriteAllText(Path.Combine(_folder["Properties"], "launchSettings.json"), text);
    }
}
