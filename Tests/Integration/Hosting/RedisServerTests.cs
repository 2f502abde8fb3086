using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

/// <summary>Redis as the AppHost runs it where there is no container runtime.</summary>
public sealed class RedisServerTests
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("redis-server")]
    [InlineData("garnet")]
    public async Task A_restarted_server_keeps_its_address_its_password_and_its_data(string server)
    {
        if (server == "garnet" ? await GarnetTool.FindAsync() is null : Requirement.FindProgram(server) is null)
            throw Requirement.Missing($"{server} is not installed and could not be.");
        using var folder = new TemporaryFolder();
        await using var app = await StartAsync(folder, $"--Redis:Server={server}");
        var before = await ProcessAsync(app);
        var connectionString = (await app.GetConnectionStringAsync("redis"))!;
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(connectionString))
        {
            await redis.GetDatabase().StringSetAsync("text", "kept");
            await redis.GetDatabase().ListRightPushAsync("list", ["1", "2", "3"]);
            await redis
                .GetDatabase()
                .ScriptEvaluateAsync(
                    "redis.call('HSET', KEYS[1], 'f', ARGV[1]); return redis.call('PEXPIRE', KEYS[1], 1000000)",
                    ["hash"],
                    ["v"]
                );
        }

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("redis", KnownResourceCommands.RestartCommand)).Success);

        Assert.Equal(connectionString, await app.GetConnectionStringAsync("redis"));
        await AssertDataAsync(connectionString);
        // Writes are on disk within a second; those of above are, as they were read back from it.
        var after = await ProcessAsync(app);
        Assert.NotEqual(before, after);
        System.Diagnostics.Process.GetProcessById(after).Kill();
        await Eventually.HoldsAsync(() => !Processes.Live(after), "the server is killed");
        await Eventually.HoldsAsync(
            async () => (await app.ResourceCommands.ExecuteCommandAsync("redis", KnownResourceCommands.StartCommand)).Success,
            "the server is started again"
        );
        await AssertDataAsync(connectionString);
    }

    [Fact]
    public async Task Clients_without_the_password_are_refused_and_it_is_no_argument()
    {
        using var folder = new TemporaryFolder();
        await using var app = await StartAsync(folder, "--Redis:Server=redis-server");
        var connectionString = (await app.GetConnectionStringAsync("redis"))!;

        await Assert.ThrowsAsync<RedisConnectionException>(() =>
            ConnectionMultiplexer.ConnectAsync($"{connectionString.Split(',')[0]},connectRetry=0,connectTimeout=2000")
        );

        var command = await File.ReadAllTextAsync($"/proc/{(await ProcessAsync(app)).ToString(CultureInfo.InvariantCulture)}/cmdline");
        Assert.DoesNotContain(ConfigurationOptions.Parse(connectionString).Password!, command, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_somebody_else_runs_is_used_as_given()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        using var folder = new TemporaryFolder();
        await using var app = await StartAsync(folder, $"--ConnectionStrings:redis={server.ConnectionString}");
        Assert.Equal(server.ConnectionString, await app.GetConnectionStringAsync("redis"));
        var state = await app.ResourceNotifications.WaitForResourceHealthyAsync("redis").WaitAsync(Eventually.DefaultLimit);
        Assert.DoesNotContain(state.Snapshot.Properties, property => property.Name == "executable.pid");
    }

    [Fact]
    public async Task A_cursor_of_before_resumes_after_the_app_was_stopped_and_started()
    {
        using var folder = new TemporaryFolder();
        string cursor;
        await using (var app = await StartAsync(folder, ["api"], "--Redis:Server=process"))
        {
            using var client = app.CreateHttpClient("api");
            await PublishAsync(client, "one");
            await using var stream = await SseStream.OpenAsync(client, "/streams/kept");
            Assert.Equal("one", (await stream.NextAfterOpenAsync())?.Data);
            cursor = stream.LastEventId!;
            await PublishAsync(client, "two");
        }
        await using (var app = await StartAsync(folder, ["api"], "--Redis:Server=process"))
        {
            using var client = app.CreateHttpClient("api");
            await PublishAsync(client, "three");
            await using var stream = await SseStream.OpenAsync(client, "/streams/kept", cursor);
            Assert.Equal(["two", "three"], await stream.TakeAsync(2));
        }
    }

    /// <summary>Not started, as most machines of tests run no containers.</summary>
    [Theory]
    [InlineData("--Redis:Server=container")]
    [InlineData("--ASPIRE_CONTAINER_RUNTIME=true")]
    public async Task A_container_is_what_Aspire_makes_it_with_an_append_only_file(string arg)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([arg]);
        var redis = Assert.Single(builder.Resources.OfType<RedisResource>());
        Assert.True(redis.TryGetContainerImageName(out _));
        var args = new CommandLineArgsCallbackContext([], redis) { ExecutionContext = builder.ExecutionContext };
        foreach (var callback in redis.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await callback.Callback(args);
        Assert.Equal(["--appendonly", "yes"], args.Args.TakeLast(2));
        Assert.Single(redis.Annotations.OfType<ContainerMountAnnotation>(), mount => mount.Target == "/data");
    }

    /// <summary>A machine with a docker command that has no daemon, and without a Redis server: the app still runs, on Garnet.</summary>
    [Fact]
    public async Task A_dead_container_runtime_is_not_chosen_and_Garnet_takes_the_place()
    {
        if (await GarnetTool.FindAsync() is null)
            throw Requirement.Missing("garnet-server could not be restored.");
        using var programs = new TemporaryFolder();
        foreach (var program in new[] { "dotnet", "sh" })
            File.CreateSymbolicLink(programs[program], Requirement.FindProgram(program)!);
        File.CreateSymbolicLink(programs["docker"], Requirement.FindProgram("false")!);
        using var host = new AppHostProcess(path: programs.Path);
        await host.UntilUpAsync();
        Assert.Contains(
            host.Processes(),
            process => File.ReadAllText($"/proc/{process}/cmdline").Contains("GarnetServer.dll", StringComparison.Ordinal)
        );
    }

    // Redis alone.
    private static Task<DistributedApplication> StartAsync(TemporaryFolder folder, params string[] args) => StartAsync(folder, [], args);

    private static async Task<DistributedApplication> StartAsync(TemporaryFolder folder, string[] services, params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([
            $"--App:Folder={folder.Path}",
            "--App:RestartDelay=1.00:00:00",
            .. args,
        ]);
        foreach (var project in builder.Resources.OfType<ProjectResource>().Where(project => !services.Contains(project.Name)).ToList())
            builder.Resources.Remove(project);
        var app = await builder.BuildAsync();
        await app.StartAsync();
        foreach (var resource in services.Prepend("redis"))
            await app.ResourceNotifications.WaitForResourceHealthyAsync(resource).WaitAsync(StartLimit);
        return app;
    }

    private static async Task<int> ProcessAsync(DistributedApplication app)
    {
        var running = await app
            .ResourceNotifications.WaitForResourceAsync(
                "redis",
                e => e.Snapshot.State?.Text == KnownResourceStates.Running && RunningReplica.ProcessOf(e.Snapshot) is not null
            )
            .WaitAsync(Eventually.DefaultLimit);
        return RunningReplica.ProcessOf(running.Snapshot)!.Value;
    }

    private static async Task PublishAsync(HttpClient client, string text)
    {
        using var answer = await client.PostAsync("/streams/kept", new StringContent(text));
        answer.EnsureSuccessStatusCode();
    }

    private static async Task AssertDataAsync(string connectionString)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        await Eventually.HoldsAsync(() => redis.IsConnected, "the server answers");
        Assert.Equal("kept", await redis.GetDatabase().StringGetAsync("text"));
        Assert.Equal(["1", "2", "3"], (await redis.GetDatabase().ListRangeAsync("list")).Select(v => v.ToString()));
        Assert.Equal("v", await redis.GetDatabase().HashGetAsync("hash", "f"));
        Assert.NotNull(await redis.GetDatabase().KeyTimeToLiveAsync("hash"));
    }
}
