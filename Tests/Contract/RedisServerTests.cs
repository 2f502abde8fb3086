using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What the rest of the contract tests rest on.</summary>
public sealed class RedisServerTests
{
    [Theory]
    [InlineData(RedisServerKind.Redis)]
    [InlineData(RedisServerKind.Garnet)]
    public async Task Starts_runs_scripts_and_starts_again_on_its_port(RedisServerKind kind)
    {
        await using var server = await RedisServer.StartAsync(kind);
        var port = server.Port;
        await using (var connection = await server.ConnectAsync())
        {
            var database = connection.GetDatabase();
            var answer = await database.ScriptEvaluateAsync(
                "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('GET', KEYS[1])",
                [(RedisKey)"{a}b"],
                ["c"]
            );
            Assert.Equal("c", (string?)answer);
        }
        await server.RestartAsync();
        Assert.Equal(port, server.Port);
        await using var again = await server.ConnectAsync();
        Assert.False(
            await again.GetDatabase().KeyExistsAsync("{a}b"),
            "A server without persistence kept its data, so it was not really restarted."
        );
    }

    [Fact]
    public async Task A_persistent_server_keeps_its_data_when_killed()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis, isPersistent: true);
        await using (var connection = await server.ConnectAsync())
            await connection.GetDatabase().StringSetAsync("a", "b");
        await server.RestartAsync();
        await using var again = await server.ConnectAsync();
        Assert.Equal("b", await again.GetDatabase().StringGetAsync("a"));
    }
}
