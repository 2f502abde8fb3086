using StackExchange.Redis;
using Subtitles.Jobs;

namespace Tests.Contract;

public abstract partial class JobQueueContract
{
    [Theory]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"token\":\"0\",\"attempts\":\"0\",\"ownerKey\":\"x\",\"status\":\"queued\"}")]
    public async Task A_damaged_document_costs_one_claim_and_hides_no_other_job(string damage)
    {
        var fixture = await CreateAsync();
        var damaged = await fixture.EnqueueAsync("damaged");
        string[] others = [(await fixture.EnqueueAsync()).Value, (await fixture.EnqueueAsync()).Value];
        await _connections[^1].GetDatabase().HashSetAsync(new JobKeys(fixture.Options.KeyPrefix).Documents, damaged.Value, damage);

        var listed = await fixture.Queue.ListAsync(new JobQuery(10), default);
        Assert.Equal(others.Order(), listed.Jobs.Select(job => job.Id.Value).Order());
        await Assert.ThrowsAsync<InvalidDataException>(() => fixture.Queue.GetAsync(damaged, default));
        var refused = await Record.ExceptionAsync(() => fixture.Queue.ClaimAsync("w1", default));
        Assert.True(refused is InvalidDataException or RedisException, $"{refused}");
        foreach (var other in others)
            Assert.Equal(other, (await fixture.ClaimAsync()).Job.Id.Value);
        Assert.Null(await fixture.Queue.ClaimAsync("w1", default));
    }
}
