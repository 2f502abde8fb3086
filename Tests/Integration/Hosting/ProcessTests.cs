using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

/// <summary>Small apps of shell processes: what a resource is given, and what becomes of it.</summary>
public sealed class ProcessTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = Eventually.DefaultLimit;

    private readonly IDistributedApplicationTestingBuilder _builder = DistributedApplicationTestingBuilder.Create();
    private DistributedApplication? _app;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        await _builder.DisposeAsync();
    }

    [Fact]
    public async Task A_resource_is_given_its_references_variables_and_arguments()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://of-the-host:1");
        var secret = _builder.AddParameter("secret", "s3cret", secret: true);
        var backend = _builder.AddExecutable("back-end", "sleep", ".", "1000").WithHttpEndpoint(env: "PORT");
        _builder.AddExecutable("echo", "printf", ".", "<%s>").WithArgs("one two");
        _builder.AddExecutable("probe", "env", ".")
            .WithReference(backend.GetEndpoint("http"))
            .WithEnvironment("PLAIN", "text")
            .WithEnvironment("SECRET", secret)
            .WithEnvironment("TEMPLATE", $"at {backend.GetEndpoint("http")}/x")
            .WithEnvironment(context => context.EnvironmentVariables["LATE"] = backend.GetEndpoint("http").Property(EndpointProperty.Port));
        var app = await StartAsync();

        await app.ResourceNotifications.WaitForResourceAsync("probe", KnownResourceStates.Finished).WaitAsync(Limit);
        var lines = await LinesAsync("probe");

        var address = app.GetEndpoint("back-end", "http").ToString().TrimEnd('/');
        await app.ResourceNotifications.WaitForResourceAsync("echo", KnownResourceStates.Finished).WaitAsync(Limit);
        Assert.Equal(["<one two>"], await LinesAsync("echo"));
        Assert.Contains($"services__back-end__http__0={address}", lines);
        Assert.Contains($"BACK_END_HTTP={address}", lines);
        Assert.Contains("PLAIN=text", lines);
        Assert.Contains("SECRET=s3cret", lines);
        Assert.Contains($"TEMPLATE=at {address}/x", lines);
        Assert.Contains($"LATE={new Uri(address).Port}", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("ASPNETCORE_URLS=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_fails_is_told_with_its_exit_code_and_its_last_lines()
    {
        _builder.AddExecutable("broken", "sh", ".", "-c", "echo why >&2; exit 3");
        var app = await StartAsync();

        var end = await app.ResourceNotifications.WaitForResourceAsync("broken", e => e.Snapshot.State?.Text == KnownResourceStates.Exited).WaitAsync(Limit);

        Assert.Equal(3, end.Snapshot.ExitCode);
        Assert.Contains("why", await LinesAsync("broken"));
    }

    [Fact]
    public async Task What_waits_for_a_completion_starts_after_it_and_not_when_it_failed()
    {
        var good = _builder.AddExecutable("good", "true", ".");
        var bad = _builder.AddExecutable("bad", "false", ".");
        _builder.AddExecutable("after-good", "true", ".").WaitForCompletion(good);
        _builder.AddExecutable("after-bad", "true", ".").WaitForCompletion(bad);
        var app = await StartAsync();

        await app.ResourceNotifications.WaitForResourceAsync("after-good", KnownResourceStates.Finished).WaitAsync(Limit);
        await app.ResourceNotifications.WaitForResourceAsync("after-bad", KnownResourceStates.FailedToStart).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_resource_with_explicit_start_runs_only_on_command()
    {
        var resource = _builder.AddExecutable("by-hand", "sleep", ".", "1000").WithExplicitStart().Resource;
        var app = await StartAsync();
        Assert.True(app.ResourceNotifications.TryGetCurrentState("by-hand", out var state));
        Assert.Equal(KnownResourceStates.NotStarted, state.Snapshot.State?.Text);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand)).Success);
        await app.ResourceNotifications.WaitForResourceAsync("by-hand", KnownResourceStates.Running).WaitAsync(Limit);
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("by-hand", "resource-stop")).Success);
        await app.ResourceNotifications.WaitForResourceAsync("by-hand", KnownResourceStates.Exited).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_process_that_is_killed_ends_as_by_a_crash_and_starts_again_on_command()
    {
        _builder.AddExecutable("victim", "sleep", ".", "1000");
        var app = await StartAsync();
        await app.ResourceNotifications.WaitForResourceAsync("victim", KnownResourceStates.Running).WaitAsync(Limit);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("victim", "kill")).Success);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("victim", out var state));
        Assert.Equal(KnownResourceStates.Exited, state.Snapshot.State?.Text);
        Assert.Equal(128 + 9, state.Snapshot.ExitCode);
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("victim", "kill")).Success);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("victim", KnownResourceCommands.StartCommand)).Success);
        await app.ResourceNotifications.WaitForResourceAsync("victim", KnownResourceStates.Running).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_process_that_is_killed_as_soon_as_it_is_started_ends()
    {
        _builder.AddExecutable("victim", "sleep", ".", "1000");
        var app = await StartAsync();
        await app.ResourceNotifications.WaitForResourceAsync("victim", KnownResourceStates.Running).WaitAsync(Limit);
        // A process needs a moment to become the leader of its group; a signal to the group would be lost in it.
        for (var i = 0; i < 30; i++)
        {
            Assert.True((await app.ResourceCommands.ExecuteCommandAsync("victim", "kill").WaitAsync(Limit)).Success);
            Assert.True((await app.ResourceCommands.ExecuteCommandAsync("victim", KnownResourceCommands.StartCommand).WaitAsync(Limit)).Success);
        }
    }

    [Fact]
    public async Task A_stopped_process_takes_its_own_children_along()
    {
        _builder.AddExecutable("parent", "sh", ".", "-c", "sleep 1000 & echo \"child $!\"; wait");
        var app = await StartAsync();
        await Eventually.HoldsAsync(async () => (await LinesAsync("parent")).Any(l => l.StartsWith("child ", StringComparison.Ordinal)), "the parent tells its child's id");
        var child = int.Parse((await LinesAsync("parent")).First(l => l.StartsWith("child ", StringComparison.Ordinal))["child ".Length..], null);

        await app.StopAsync();

        await Eventually.HoldsAsync(() => !Processes.Live(child), "the child is gone");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told_in_a_sentence()
    {
        _builder.AddExecutable("missing", "no-such-program", ".");
        var app = await StartAsync();

        await app.ResourceNotifications.WaitForResourceAsync("missing", KnownResourceStates.FailedToStart).WaitAsync(Limit);

        Assert.Contains(await LinesAsync("missing"), l => l.Contains("'missing' needs the program 'no-such-program', which is not there", StringComparison.Ordinal));
    }

    private async Task<DistributedApplication> StartAsync()
    {
        _app = await _builder.BuildAsync();
        await _app.StartAsync();
        return _app;
    }

    private async Task<List<string>> LinesAsync(string resource)
    {
        Assert.True(_app!.ResourceNotifications.TryGetCurrentState(resource, out var state));
        var lines = new List<string>();
        await foreach (var batch in _app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(state.ResourceId))
            lines.AddRange(batch.Select(l => l.Content));
        return lines;
    }
}
