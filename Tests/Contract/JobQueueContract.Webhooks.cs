using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Webhooks;

namespace Tests.Contract;

public abstract partial class JobQueueContract
{
    private static readonly JobWebhook Webhook = new("https://example.org/hook", "a secret of the test");

    [Fact]
    public async Task The_end_of_a_job_puts_its_webhook_into_the_outbox()
    {
        var (fixture, outbox) = await CreateOutboxAsync();
        foreach (
            var end in new Func<JobLease, Task>[]
            {
                lease => fixture.Queue.CompleteAsync(lease, default),
                lease => fixture.Queue.FailAsync(lease, "broken", canRetry: false, default),
                lease => fixture.Queue.CompleteCancelAsync(lease, default),
            }
        )
        {
            var id = await EnqueueAsync(fixture);
            var lease = await fixture.ClaimAsync();
            Assert.Null(await outbox.ClaimAsync(default));
            await end(lease);
            var delivery = await outbox.ClaimAsync(default);
            Assert.Equal(
                (id, Webhook, WebhookStatus.Pending, 1),
                (delivery!.Job.Id, delivery.Job.Request.Webhook, delivery.Job.WebhookStatus, delivery.Attempt)
            );
            Assert.Null(await outbox.ClaimAsync(default));
            Assert.True(await outbox.SettleAsync(delivery, WebhookStatus.Delivered, default, default));
            Assert.Equal(WebhookStatus.Delivered, (await fixture.GetAsync(id)).WebhookStatus);
        }
        await fixture.EnqueueAsync();
        await fixture.Queue.CompleteAsync(await fixture.ClaimAsync(), default);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await outbox.ClaimAsync(default));
    }

    [Fact]
    public async Task A_webhook_whose_worker_died_is_tried_by_another()
    {
        var (fixture, outbox) = await CreateOutboxAsync();
        var id = await EnqueueAsync(fixture);
        await fixture.Queue.CompleteAsync(await fixture.ClaimAsync(), default);
        var dead = await outbox.ClaimAsync(default);
        fixture.Time.Advance(TimeSpan.FromSeconds(24));
        Assert.Null(await outbox.ClaimAsync(default));
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await outbox.ClaimAsync(default);
        Assert.Equal(2, second!.Attempt);
        // The first one was only slow: what it says does not count any more.
        Assert.False(await outbox.SettleAsync(dead!, WebhookStatus.Failed, default, default));
        Assert.True(await outbox.SettleAsync(second, WebhookStatus.Pending, TimeSpan.FromMinutes(1), default));
        fixture.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(await outbox.ClaimAsync(default));
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, (await outbox.ClaimAsync(default))!.Attempt);
        Assert.Equal(WebhookStatus.Pending, (await fixture.GetAsync(id)).WebhookStatus);
    }

    [Fact]
    public async Task A_job_that_is_retried_or_forgotten_leaves_no_webhook_behind()
    {
        var (fixture, outbox) = await CreateOutboxAsync();
        var id = await EnqueueAsync(fixture);
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "broken", canRetry: false, default);
        var delivery = await outbox.ClaimAsync(default);
        await fixture.Queue.RetryAsync(id, 0, default);
        Assert.False(await outbox.SettleAsync(delivery!, WebhookStatus.Delivered, default, default));
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await outbox.ClaimAsync(default));

        await fixture.Queue.CompleteAsync(await fixture.ClaimAsync(), default);
        fixture.Time.Advance(fixture.Options.JobTimeToLive + TimeSpan.FromSeconds(1));
        await fixture.Queue.ClaimAsync("w1", default);
        Assert.Null(await outbox.ClaimAsync(default));
    }

    [Fact]
    public async Task The_length_of_the_queue_is_told()
    {
        var (fixture, _) = await CreateOutboxAsync();
        var statistics = new QueueStatistics(_connections[^1], Options.Create(fixture.Options), fixture.Time);
        Assert.Equal(new QueueLength(0, 0, 0, TimeSpan.Zero), await statistics.ReadAsync(default));
        for (var i = 0; i < 4; i++)
        {
            await fixture.EnqueueAsync();
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
        }
        await fixture.ClaimAsync();
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "broken", canRetry: true, default);
        Assert.Equal(new QueueLength(2, 1, 1, TimeSpan.FromSeconds(2)), await statistics.ReadAsync(default));
    }

    private async Task<(Fixture, WebhookOutbox)> CreateOutboxAsync()
    {
        var fixture = await CreateAsync();
        return (
            fixture,
            new WebhookOutbox(_connections[^1], Options.Create(fixture.Options), Options.Create(new WebhookOptions()), fixture.Time)
        );
    }

    private static async Task<JobId> EnqueueAsync(Fixture fixture)
    {
        var id = JobId.Create();
        await fixture.Queue.EnqueueAsync(id, Request() with { Webhook = Webhook }, null, default);
        return id;
    }
}
