using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Subtitles.Jobs;
using Subtitles.Transcription;
using Tests.Fixtures;

namespace Tests.Integration.Worker;

/// <summary>Webhooks from the end of a job to a real receiver.</summary>
public sealed class WebhookTests(RedisServers servers) : IAsyncLifetime
{
    private const string Secret = "whsec_" + Key;
    private const string Key = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly ConcurrentQueue<Received> _received = new();
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = new();
    private WebApplication _receiver = null!;
    private WorkerBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.MapPost("/hook", ReceiveAsync);
        await _receiver.StartAsync();
        _bench = await WorkerBench.CreateAsync(servers, maxAttempts: 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _receiver.StopAsync(new CancellationToken(canceled: true));
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task The_receiver_is_told_how_a_job_ended_in_a_message_that_it_can_check()
    {
        using var pump = _bench.CreateWebhookPump();
        await pump.StartAsync(default);
        var completed = await RunAsync(new ScriptedTranscriber(1));
        var failed = await RunAsync(new ScriptedTranscriber(1, (_, _) => throw new TranscriptionException("No sound.")));
        await StatusIsAsync(completed, WebhookStatus.Delivered);
        await StatusIsAsync(failed, WebhookStatus.Delivered);
        await pump.StopAsync(default);

        Assert.Equal(2, _received.Count);
        foreach (var (id, status, error) in new[] { (completed, "completed", (string?)null), (failed, "failed", "No sound.") })
        {
            var message = _received.Single(r => r.Id.StartsWith(id.Value, StringComparison.Ordinal));
            Assert.Equal($"{id}-0", message.Id);
            // As a receiver checks it, without the code under test.
            byte[] signed = [.. Encoding.UTF8.GetBytes($"{message.Id}.{message.Timestamp}."), .. message.Body];
            var expected = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), signed));
            Assert.Equal($"v1,{expected}", message.Signature);
            Assert.InRange(
                DateTimeOffset.FromUnixTimeSeconds(message.Timestamp),
                DateTimeOffset.UtcNow.AddMinutes(-1),
                DateTimeOffset.UtcNow.AddSeconds(1)
            );
            var body = JsonDocument.Parse(message.Body).RootElement;
            Assert.Equal($"job.{status}", body.GetProperty("type").GetString());
            Assert.Equal(
                (id.Value, status, error),
                (
                    body.GetProperty("data").GetProperty("id").GetString(),
                    body.GetProperty("data").GetProperty("status").GetString(),
                    body.GetProperty("data").GetProperty("error").GetString()
                )
            );
            Assert.DoesNotContain(Secret, Encoding.UTF8.GetString(message.Body), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_receiver_that_fails_is_asked_again_with_the_same_id()
    {
        _script.Enqueue(ScriptedServer.Status(500));
        _script.Enqueue(ScriptedServer.Status(404));
        // Redirects are not followed: who takes the message is who was named.
        _script.Enqueue(context =>
        {
            context.Response.Redirect("/hook");
            return Task.CompletedTask;
        });
        _script.Enqueue(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var pump = _bench.CreateWebhookPump();
        await pump.StartAsync(default);
        var id = await RunAsync(new ScriptedTranscriber(1));
        await StatusIsAsync(id, WebhookStatus.Delivered);
        await pump.StopAsync(default);
        Assert.Equal(Enumerable.Repeat($"{id}-0", 5), _received.Select(r => r.Id));
    }

    [Fact]
    public async Task A_receiver_that_never_takes_it_is_given_up_and_one_that_is_gone_at_once()
    {
        for (var i = 0; i < 3; i++)
            _script.Enqueue(ScriptedServer.Status(503));
        _script.Enqueue(ScriptedServer.Status(410));
        using var pump = _bench.CreateWebhookPump(o => o.MaxAttempts = 3);
        await pump.StartAsync(default);
        await StatusIsAsync(await RunAsync(new ScriptedTranscriber(1)), WebhookStatus.Failed);
        Assert.Equal(3, _received.Count);
        await StatusIsAsync(await RunAsync(new ScriptedTranscriber(1)), WebhookStatus.Failed);
        await pump.StopAsync(default);
        Assert.Equal(4, _received.Count);
    }

    [Fact]
    public async Task A_worker_that_stops_in_the_middle_hands_the_webhook_to_the_next_one_at_once()
    {
        var arrived = new TaskCompletionSource();
        _script.Enqueue(async context =>
        {
            arrived.SetResult();
            await ScriptedServer.UntilLeftAsync(context);
        });
        using var first = _bench.CreateWebhookPump();
        await first.StartAsync(default);
        var id = await RunAsync(new ScriptedTranscriber(1));
        await arrived.Task.WaitAsync(Eventually.DefaultLimit);
        await first.StopAsync(default);
        using var second = _bench.CreateWebhookPump();
        await second.StartAsync(default);
        await Eventually.HoldsAsync(
            async () => (await _bench.Queue.GetAsync(id, default))!.WebhookStatus == WebhookStatus.Delivered,
            "it is delivered",
            TimeSpan.FromSeconds(10)
        );
        await second.StopAsync(default);
        Assert.Equal(2, _received.Count);
    }

    [Fact]
    public async Task A_private_address_is_refused_at_the_connect_and_not_tried_again()
    {
        using var pump = _bench.CreateWebhookPump(allowPrivate: false);
        await pump.StartAsync(default);
        await StatusIsAsync(await RunAsync(new ScriptedTranscriber(1)), WebhookStatus.Failed);
        await pump.StopAsync(default);
        Assert.Empty(_received);
    }

    [Fact]
    public async Task A_name_that_cannot_be_looked_up_at_the_moment_is_tried_again()
    {
        using var pump = _bench.CreateWebhookPump(o => o.MaxAttempts = 3);
        await pump.StartAsync(default);
        var id = await RunAsync(new ScriptedTranscriber(1), "http://nowhere.invalid/hook");
        await StatusIsAsync(id, WebhookStatus.Failed);
        await pump.StopAsync(default);
        Assert.Equal(3, await _bench.CountWebhookTriesAsync(id));
    }

    [Fact]
    public async Task A_receiver_that_never_answers_holds_up_nobody_else()
    {
        for (var i = 0; i < 2; i++)
            _script.Enqueue(ScriptedServer.UntilLeftAsync);
        using var pump = _bench.CreateWebhookPump(o => (o.Concurrency, o.Timeout) = (4, TimeSpan.FromMinutes(2)));
        await pump.StartAsync(default);
        for (var i = 0; i < 8; i++)
            await RunAsync(new ScriptedTranscriber(1));
        await Eventually.HoldsAsync(() => _received.Count >= 2, "the slow receiver has two messages");
        await StatusIsAsync(
            await RunAsync(
                new ScriptedTranscriber(1),
                _receiver.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/hook"
            ),
            WebhookStatus.Delivered
        );
        Assert.Equal(3, _received.Count);
        await pump.StopAsync(default);
    }

    private async Task<JobId> RunAsync(ITranscriber transcriber, string? url = null)
    {
        var id = await _bench.SubmitAsync(new JobWebhook(url ?? _receiver.Urls.Single() + "/hook", Secret));
        await _bench.RunNextAsync(_bench.CreateRunner(transcriber));
        return id;
    }

    private Task StatusIsAsync(JobId id, WebhookStatus status) =>
        Eventually.HoldsAsync(async () => (await _bench.Queue.GetAsync(id, default))!.WebhookStatus == status, $"the webhook is {status}");

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue(
            new Received(
                context.Request.Headers["webhook-id"].ToString(),
                long.Parse(context.Request.Headers["webhook-timestamp"].ToString()),
                context.Request.Headers["webhook-signature"].ToString(),
                body.ToArray()
            )
        );
        if (_script.TryDequeue(out var step))
            await step(context);
    }

    private sealed record Received(string Id, long Timestamp, string Signature, byte[] Body);
}
