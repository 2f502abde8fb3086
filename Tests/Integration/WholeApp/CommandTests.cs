using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Tests.Fixtures;

namespace Tests.Integration.WholeApp;

/// <summary>The commands on the resources: each does what it says, and streams outlive it.</summary>
[Collection(SharedAppCollection.Name)]
public sealed class CommandTests(SharedApp app) : IDisposable
{
    private readonly AppClient _client = new(app.Running.CreateSpreadingClient("api"));
    private readonly string _topic = "command:" + Guid.NewGuid().ToString("N")[..8];

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("api", 3)]
    [InlineData("worker", 2)]
    public async Task Kill_ends_one_replica_without_a_warning(string service, int count)
    {
        var victim = (await app.Running.WaitForReplicasAsync(service, count))[0];

        await app.Running.CommandAsync(victim.Id, "kill");

        await app.Running.WaitForEndAsync(victim.Id);
        await app.Running.CommandAsync(victim.Id, KnownResourceCommands.StartCommand);
        await app.Running.WaitForReplicasAsync(service, count);
    }

    [Fact]
    public async Task Drain_moves_streams_to_another_replica_and_brings_the_replica_back()
    {
        var before = await app.Running.WaitForReplicasAsync("api", 3);
        await using var stream = await _client.OpenAsync($"/streams/{_topic}");
        var victim = before.Single(replica => replica.Suffix == AppClient.ReplicaOf(stream));

        await app.Running.CommandAsync(victim.Id, "drain");

        Assert.Equal("stream.busy", (await stream.NextAfterOpenAsync())?.Type);
        Assert.Null(await stream.NextAfterOpenAsync());
        var after = await app.Running.WaitForReplicasAsync("api", 3);
        Assert.NotEqual(victim.ProcessId, after.Single(replica => replica.Id == victim.Id).ProcessId);
    }

    [Fact]
    public async Task Streams_get_what_is_published_while_Redis_was_frozen_and_after_its_subscribers_were_cut()
    {
        await using var stream = await _client.OpenAsync($"/streams/{_topic}");

        await app.Running.CommandAsync("redis", "freeze", ("seconds", "1"));
        await PublishAsync("after the freeze");
        Assert.Equal("after the freeze", (await stream.NextAfterOpenAsync())?.Data);
        await app.Running.CommandAsync("redis", "cut-subscribers");
        await PublishAsync("after the cut");
        Assert.Equal("after the cut", (await stream.NextAfterOpenAsync())?.Data);
        await app.Running.CommandAsync("redis", KnownResourceCommands.RestartCommand);
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await PostAsync("after the restart");
                return answer.IsSuccessStatusCode;
            },
            "events are taken again"
        );
        Assert.Equal("after the restart", (await stream.NextAfterOpenAsync())?.Data);
    }

    [Fact]
    public async Task A_freeze_of_no_number_is_refused()
    {
        var refused = await app.Running.TryCommandAsync("redis", "freeze", ("seconds", "many"));
        Assert.False(refused.Success);
    }

    [Fact]
    public async Task A_test_event_arrives()
    {
        await using var stream = await _client.OpenAsync($"/streams/{_topic}");
        var any = (await app.Running.WaitForReplicasAsync("api", 3))[0];

        await app.Running.CommandAsync(any.Id, "publish-test-event", ("topic", _topic), ("text", "by hand"));

        var e = await stream.NextAfterOpenAsync();
        Assert.Equal(("test", "by hand"), (e?.Type, e?.Data));
    }

    private async Task PublishAsync(string text)
    {
        using var answer = await PostAsync(text);
        answer.EnsureSuccessStatusCode();
    }

    private Task<HttpResponseMessage> PostAsync(string text) => _client.Http.PostAsync($"/streams/{_topic}", new StringContent(text));
}
