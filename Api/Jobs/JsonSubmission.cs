using System.Text.Json;
using System.Text.Json.Serialization;
using Api.Problems;
using Subtitles.Jobs;
using Subtitles.Media;

namespace Api.Jobs;

/// <summary>Reads a submission in JSON: a sample, an address, or live media to come.</summary>
internal sealed class JsonSubmission(SampleCatalog samples, AddressCheck addresses, WebhookFields webhooks)
{
    private const int MaxBodyBytes = 64 * 1024;
    private const string SamplePrefix = "sample:";

    /// <summary>A field that is not known is a mistake of the client's, and kinder to be told than to be ignored.</summary>
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public async Task<JobRequest> ReadAsync(HttpContext context)
    {
        var body = await ParseAsync(context);
        return await ReadAsync(body, context) with { HasWords = body.Words, Translate = body.Translate };
    }

    private async Task<JobRequest> ReadAsync(SubmitJobRequest body, HttpContext context)
    {
        var pace = JobFields.Pace(body.Pace);
        if (string.IsNullOrWhiteSpace(body.Source))
            throw ApiException.BadRequest("The source is missing: give sample:tour, the http(s) address of the media, or live.", "source");
        var source = body.Source.Trim();
        var webhook = await webhooks.ReadAsync(body.Webhook, body.WebhookSecret, context.RequestAborted);
        if (source == JobRequest.LiveSource)
            return new JobRequest(
                source,
                JobFields.Language(body.Language),
                JobPace.Fast,
                null,
                JobFields.Title(body.Title, "Live speech"),
                webhook
            )
            {
                IsLanguageOpen = string.IsNullOrEmpty(body.Language),
            };
        if (source.StartsWith(SamplePrefix, StringComparison.Ordinal))
        {
            var sample =
                samples.Find(source[SamplePrefix.Length..])
                ?? throw ApiException.BadRequest(
                    $"There is no sample '{source[SamplePrefix.Length..]}'. There are: "
                        + $"{string.Join(", ", samples.All.Select(s => s.Name))}.",
                    "source"
                );
            return new JobRequest(
                source,
                JobFields.Language(body.Language ?? sample.Language),
                pace,
                null,
                JobFields.Title(body.Title, sample.Title),
                webhook
            );
        }

        var address = await addresses.CheckAsync(
            source,
            "The source is neither sample:NAME nor live nor an http(s) address",
            "source",
            context.RequestAborted
        );
        return new JobRequest(
            address.AbsoluteUri,
            JobFields.Language(body.Language),
            pace,
            null,
            JobFields.Title(body.Title ?? address.Segments[^1], address.Host),
            webhook
        )
        {
            IsLanguageOpen = string.IsNullOrEmpty(body.Language),
        };
    }

    private static async Task<SubmitJobRequest> ParseAsync(HttpContext context)
    {
        var body = await BoundedBody.ReadAsync(
            context,
            MaxBodyBytes,
            $"A submission in JSON has at most {MaxBodyBytes / 1024} KiB. Media is uploaded as multipart/form-data."
        );
        try
        {
            return JsonSerializer.Deserialize<SubmitJobRequest>(body, Strict)
                ?? throw ApiException.BadRequest("The body is null; send an object with the field source.");
        }
        catch (JsonException failure)
        {
            var place = failure.LineNumber is { } line
                ? $" at {failure.Path ?? "$"}, line {line + 1}, byte {failure.BytePositionInLine + 1}"
                : "";
            throw ApiException.BadRequest(
                $"The body is not the JSON that is expected: the fault is{place}. Send an object with the text fields source, language, "
                    + "pace, title, webhook and webhookSecret, and the switches words and translate."
            );
        }
    }
}
