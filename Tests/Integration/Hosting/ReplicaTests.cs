using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Tests.Fixtures;
using Tests.Integration.WholeApp;

namespace Tests.Integration.Hosting;

/// <summary>Replicas as resources: they die, come back, and two apps do not meet.</summary>
[Collection(SharedAppCollection.Name)]
public sealed class ReplicaTests(SharedApp app)
{
    [Fact]
    public async Task Replicas_can_die_and_come_back_while_the_others_serve()
    {
        var running = app.Running;
        var replicas = await running.WaitForReplicasAsync("api", 3);
        using var client = running.CreateSpreadingClient("api");
        Assert.Equal(replicas.Select(r => r.Suffix).Order(), await ServingAsync(client, 3));

        await running.KillAsync(replicas[0]);

        Assert.Equal(replicas.Skip(1).Select(r => r.Suffix).Order(), await ServingAsync(client, 2));

        await running.CommandAsync(replicas[0].Id, KnownResourceCommands.StartCommand);
        await running.CommandAsync(replicas[1].Id, KnownResourceCommands.RestartCommand);

        // The same names, other processes.
        var again = await running.WaitForReplicasAsync("api", 3);
        Assert.Equal(replicas.Select(r => r.Id).Order(), again.Select(r => r.Id).Order());
        Assert.DoesNotContain(again.First(r => r.Id == replicas[0].Id).ProcessId, replicas.Select(r => r.ProcessId));
        Assert.Equal(replicas.Select(r => r.Suffix).Order(), await ServingAsync(client, 3));
    }

    [Fact]
    public async Task Two_apps_run_side_by_side_and_leave_nothing_behind()
    {
        var one = app.Running;
        int[] processes;
        await using (var two = await RunningApp.StartAsync())
        {
            Assert.NotEqual(one.App.GetEndpoint("api"), two.App.GetEndpoint("api"));
            Assert.NotEqual(await one.App.GetConnectionStringAsync("redis"), await two.App.GetConnectionStringAsync("redis"));
            processes = [.. await ProcessesAsync(two)];
            int[] all = [.. await ProcessesAsync(one), .. processes];
            Assert.Equal(14, all.Distinct().Count());
            Assert.All(all, id => Assert.True(Processes.Live(id)));
        }

        await Eventually.HoldsAsync(() => !processes.Any(Processes.Live), "every process ends with its app");
    }

    private static async Task<IEnumerable<int>> ProcessesAsync(RunningApp app)
    {
        var services = await Task.WhenAll(
            app.WaitForReplicasAsync("api", 3),
            app.WaitForReplicasAsync("worker", 2),
            app.WaitForReplicasAsync("web", 1)
        );
        return services.SelectMany(replicas => replicas).Select(replica => replica.ProcessId).Append(await app.RedisProcessAsync());
    }

    // Asks until so many different replicas have answered, and once more as often, so that one too many shows as well.
    private static async Task<IEnumerable<string>> ServingAsync(HttpClient client, int expected)
    {
        var seen = new HashSet<string>();
        await Eventually.HoldsAsync(
            async () =>
            {
                seen.Add(await ReplicaAsync(client));
                return seen.Count >= expected;
            },
            $"{expected} replicas answer"
        );
        for (var i = 0; i < 30; i++)
            seen.Add(await ReplicaAsync(client));
        return seen.Order();
    }

    private static async Task<string> ReplicaAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/alive");
        answer.EnsureSuccessStatusCode();
        return answer.Headers.GetValues("X-Replica").Single();
    }
}
