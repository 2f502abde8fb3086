using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Media;

namespace Subtitles.Webhooks;

/// <summary>What a receiver answered.</summary>
/// <param name="IsTaken">Whether it took the message.</param>
/// <param name="IsFinal">Whether no other try is wanted.</param>
/// <param name="Reason">What it said, for the log.</param>
public readonly record struct WebhookAnswer(bool IsTaken, bool IsFinal, string Reason);

/// <summary>Sends one webhook once. Private addresses are refused as for sources, at the very connect; redirects are not
/// followed.</summary>
public sealed class WebhookSender : IDisposable
{
    private readonly HttpClient _client;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Creates the sender.</summary>
    public WebhookSender(SourceAddressGuard guard, IOptions<WebhookOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time) = (options.Value, time);
        _client = new HttpClient(GuardedHttp.CreateHandler(guard)) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("AspireSse/1.0");
    }

    /// <summary>Sends. Throws nothing but at a cancel.</summary>
    public async Task<WebhookAnswer> SendAsync(Job job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var webhook = job.Request.Webhook ?? throw new ArgumentException("The job has no webhook.", nameof(job));
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = CreateRequest(job, webhook);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            // 410 is a receiver's way to say that it wants no more.
            return new WebhookAnswer(
                response.IsSuccessStatusCode,
                response.StatusCode == HttpStatusCode.Gone,
                $"status {(int)response.StatusCode}"
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookAnswer(false, false, $"no answer within {_options.Timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException e)
        {
            return new WebhookAnswer(
                false,
                e.InnerException is SourceAddressException,
                (e.InnerException is SourceAddressException or HostLookupException ? e.InnerException : e).Message
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage CreateRequest(Job job, JobWebhook webhook)
    {
        // A job that is retried by hand ends anew.
        var id = string.Create(CultureInfo.InvariantCulture, $"{job.Id}-{job.Retries}");
        var now = _time.GetUtcNow();
        var body = JsonSerializer.SerializeToUtf8Bytes(WebhookMessage.Of(job), JsonSerializerOptions.Web);
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Create(webhook.Secret, id, now, body));
        return request;
    }
}
