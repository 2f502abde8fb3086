using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Subtitles.Jobs;

namespace Subtitles.Webhooks;

/// <summary>A webhook that one worker is to try now.</summary>
/// <param name="Job">The job as it ended.</param>
/// <param name="Attempt">1 for the first try.</param>
public sealed record WebhookDelivery(Job Job, int Attempt);

/// <summary>
/// The webhooks that are still to be delivered. A job that ends gets into it in the same step of Redis, so no death of a worker loses one;
/// a worker that dies while it delivers leaves it to be tried again. So each is delivered at least once, and its receiver tells a
/// repetition by its id.
/// </summary>
public sealed class WebhookOutbox(
    IConnectionMultiplexer connection,
    IOptions<JobsOptions> jobs,
    IOptions<WebhookOptions> options,
    TimeProvider time
)
{
    // Beyond the time for an answer: what it takes to connect and to tell the outcome.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    private readonly QueueCalls _calls = new(connection, jobs);
    private readonly JobKeys _keys = new(jobs.Value.KeyPrefix);

    /// <summary>Takes the webhook that has been due longest; null when none is due. Another worker gets it when the outcome is not told in
    /// time.</summary>
    /// <exception cref="EventStreams.EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async Task<WebhookDelivery?> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var answer = await _calls.RunAsync(
            JobScripts.ClaimWebhook,
            _keys.All,
            [JobDocument.Milliseconds(now), JobDocument.Milliseconds(now + options.Value.Timeout + Margin)],
            cancellationToken
        );
        return answer.IsNull ? null : new WebhookDelivery(JobDocument.Read((byte[])answer[1]!).Job, (int)answer[0]);
    }

    /// <summary>Tells what became of a try. False when it does not matter any more: the job was retried or forgotten, or another worker has
    /// begun another try.</summary>
    /// <param name="delivery">The try.</param>
    /// <param name="status">What became of it; <see cref="WebhookStatus.Pending"/> for another one after <paramref name="delay"/>.</param>
    /// <param name="delay">When the next try is due, from now.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="EventStreams.EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task<bool> SettleAsync(WebhookDelivery delivery, WebhookStatus status, TimeSpan delay, CancellationToken cancellationToken) =>
        SettleAsync(delivery, status.ToString().ToLowerInvariant(), delay, cancellationToken);

    /// <summary>Puts a webhook back that was not tried: the try does not count.</summary>
    /// <inheritdoc cref="SettleAsync(WebhookDelivery, WebhookStatus, TimeSpan, CancellationToken)"/>
    public Task<bool> PostponeAsync(WebhookDelivery delivery, TimeSpan delay, CancellationToken cancellationToken) =>
        SettleAsync(delivery, "postponed", delay, cancellationToken);

    private async Task<bool> SettleAsync(WebhookDelivery delivery, string outcome, TimeSpan delay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        var answer = await _calls.RunAsync(
            JobScripts.SettleWebhook,
            _keys.All,
            [delivery.Job.Id.Value, delivery.Attempt, outcome, JobDocument.Milliseconds(time.GetUtcNow() + delay)],
            cancellationToken
        );
        return (int)answer == 1;
    }
}
