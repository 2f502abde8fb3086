using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

public sealed class RedisDurabilityTests
{
    [Theory]
    [InlineData("redis-server")]
    [InlineData("garnet")]
    public async Task A_restarted_server_keeps_its_port_its_password_and_its_data(string server)
    {
        if (server == "garnet" ? await GarnetTool.FindAsync() is null : Requirement.FindProgram(server) is null)
            throw Requirement.Missing($"{server} is not installed and could not be.");

        await using var builder = DistributedApplicationTestingBuilder.Create($"--LocalHosting:Redis={server}");
        builder.AddRedis("redis").WithDataVolume().WithPersistence();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        var before = await HealthyAsync(app);
        var connectionString = (await app.GetConnectionStringAsync("redis"))!;
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(connectionString))
        {
            await redis.GetDatabase().StringSetAsync("text", "kept");
            await redis.GetDatabase().ListRightPushAsync("list", ["1", "2", "3"]);
            await redis.GetDatabase().ScriptEvaluateAsync("redis.call('HSET', KEYS[1], 'f', ARGV[1]); return redis.call('PEXPIRE', KEYS[1], 1000000)", ["hash"], ["v"]);
            await app.ResourceCommands.ExecuteCommandAsync("redis", KnownResourceCommands.RestartCommand);
            await HealthyAsync(app);
        }

        Assert.Equal(connectionString, await app.GetConnectionStringAsync("redis"));
        await AssertDataAsync(connectionString);

        // Writes are on disk within a second; those of above are, as they were read back from it.
        var after = await HealthyAsync(app);
        Assert.NotEqual(before, after);
        Process.GetProcessById(after).Kill();
        await app.ResourceNotifications.WaitForResourceAsync("redis", KnownResourceStates.Exited).WaitAsync(Eventually.DefaultLimit);
        await app.ResourceCommands.ExecuteCommandAsync("redis", KnownResourceCommands.StartCommand);
        await HealthyAsync(app);
        await AssertDataAsync(connectionString);
    }

    [Fact]
    public async Task A_server_refuses_clients_without_the_password()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddRedis("redis");
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        await HealthyAsync(app);

        var address = (await app.GetConnectionStringAsync("redis"))!.Split(',')[0];

        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"{address},connectRetry=0,connectTimeout=2000"));
    }

    [Fact]
    public async Task A_server_that_somebody_else_runs_is_used_as_given()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        await using var builder = DistributedApplicationTestingBuilder.Create($"--ConnectionStrings:redis={server.ConnectionString}");
        builder.AddRedis("redis").WithDataVolume();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();

        var state = await app.ResourceNotifications.WaitForResourceHealthyAsync("redis").WaitAsync(Eventually.DefaultLimit);

        Assert.Equal(server.ConnectionString, await app.GetConnectionStringAsync("redis"));
        Assert.DoesNotContain(state.Snapshot.Properties, p => p.Name == "executable.pid");
    }

    private static async Task<int> HealthyAsync(DistributedApplication app)
    {
        var state = await app.ResourceNotifications.WaitForResourceAsync("redis", e => e.Snapshot.HealthStatus == HealthStatus.Healthy).WaitAsync(Eventually.DefaultLimit);
        return Convert.ToInt32(state.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value, CultureInfo.InvariantCulture);
    }

    private static async Task AssertDataAsync(string connectionString)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(connectionString);
        Assert.Equal("kept", await redis.GetDatabase().StringGetAsync("text"));
        Assert.Equal(["1", "2", "3"], (await redis.GetDatabase().ListRangeAsync("list")).Select(v => v.ToString()));
        Assert.Equal("v", await redis.GetDatabase().HashGetAsync("hash", "f"));
        Assert.NotNull(await redis.GetDatabase().KeyTimeToLiveAsync("hash"));
    }
}
