using Api.Problems;
using Subtitles.Jobs;
using Subtitles.Webhooks;

namespace Api.Jobs;

/// <summary>Checks the webhook of a submission.</summary>
internal sealed class WebhookFields(AddressCheck addresses)
{
    /// <summary>The webhook, or null where none is named.</summary>
    /// <exception cref="ApiException">400: something about it is wrong.</exception>
    public async Task<JobWebhook?> ReadAsync(string? url, string? secret, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(url))
        {
            return string.IsNullOrEmpty(secret)
                ? null
                : throw ApiException.BadRequest(
                    "A webhookSecret is of no use without a webhook; name the address that is to be told.",
                    "webhook"
                );
        }
        if (!WebhookSignature.IsSecret(secret))
            throw ApiException.BadRequest(
                $"A webhook is signed by the Standard Webhooks specification: the webhookSecret is {WebhookSignature.SecretForm}.",
                "webhookSecret"
            );
        var address = await addresses.CheckAsync(url.Trim(), "The webhook is not an http(s) address", "webhook", cancellationToken);
        return new JobWebhook(address.AbsoluteUri, secret!);
    }
}
