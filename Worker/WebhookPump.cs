using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Webhooks;

namespace Worker;

/// <summary>Delivers the webhooks of jobs that have ended, whoever ran them.</summary>
internal sealed partial class WebhookPump(
    WebhookOutbox outbox,
    WebhookSender sender,
    WorkerTelemetry telemetry,
    IOptions<WebhookOptions> options,
    TimeProvider time,
    ILogger<WebhookPump> logger
) : BackgroundService
{
    private readonly ConcurrentDictionary<string, int> _underWay = new(StringComparer.OrdinalIgnoreCase);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Concurrency).Select(_ => PumpAsync(stoppingToken)));

    private async Task PumpAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await outbox.ClaimAsync(stopping) is { } delivery)
                    await DeliverAsync(delivery, stopping);
                else
                    await Task.Delay(options.Value.PollInterval, time, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The worker shuts down.
            }
            catch (Exception e)
            {
                LogUnavailable(e);
                await Task.Delay(options.Value.PollInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task DeliverAsync(WebhookDelivery delivery, CancellationToken stopping)
    {
        var host = new Uri(delivery.Job.Request.Webhook!.Url).Host;
        try
        {
            if (_underWay.AddOrUpdate(host, 1, static (_, count) => count + 1) <= options.Value.ConcurrencyPerHost)
                await TryAsync(delivery, stopping);
            else
                await outbox.PostponeAsync(delivery, options.Value.PollInterval, CancellationToken.None);
        }
        finally
        {
            _underWay.AddOrUpdate(host, 0, static (_, count) => count - 1);
            _underWay.TryRemove(new KeyValuePair<string, int>(host, 0));
        }
    }

    private async Task TryAsync(WebhookDelivery delivery, CancellationToken stopping)
    {
        using var activity = WorkerTelemetry.StartWebhook(delivery.Job, delivery.Attempt);
        WebhookAnswer answer;
        try
        {
            answer = await sender.SendAsync(delivery.Job, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Another worker tries at once.
            await outbox.SettleAsync(delivery, WebhookStatus.Pending, TimeSpan.Zero, CancellationToken.None);
            return;
        }
        var status =
            answer.IsTaken ? WebhookStatus.Delivered
            : answer.IsFinal || delivery.Attempt >= options.Value.MaxAttempts ? WebhookStatus.Failed
            : WebhookStatus.Pending;
        await outbox.SettleAsync(delivery, status, DelayAfter(delivery.Attempt), CancellationToken.None);
        if (!answer.IsTaken)
            activity?.SetStatus(ActivityStatusCode.Error, answer.Reason);
        telemetry.WebhookTried(status);
        if (status == WebhookStatus.Failed)
            LogGivenUp(delivery.Job.Id.Value, delivery.Attempt, answer.Reason);
        else
            LogTried(delivery.Job.Id.Value, delivery.Attempt, answer.Reason);
    }

    private TimeSpan DelayAfter(int attempt)
    {
        var delay = options.Value.RetryDelay * Math.Pow(2, Math.Min(attempt - 1, 30));
        return delay < options.Value.MaxRetryDelay ? delay : options.Value.MaxRetryDelay;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook of job {JobId}, try {Attempt}: {Reason}.")]
    private partial void LogTried(string jobId, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook of job {JobId} is given up after try {Attempt}: {Reason}.")]
    private partial void LogGivenUp(string jobId, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The webhooks that are due cannot be read; asking again soon.")]
    private partial void LogUnavailable(Exception exception);
}
