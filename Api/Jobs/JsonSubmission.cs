using System.Text.Json;
using System.Text.Json.Serialization;
using Api.Problems;
using Subtitles.Jobs;
using Subtitles.Media;

namespace Api.Jobs;

/// <summary>Reads a submission in JSON: a sample, or an address.</summary>
internal sealed class JsonSubmission(SampleCatalog samples, SourceAddressGuard guard)
{
    private const int MaxBodyBytes = 64 * 1024;
    private const int MaxSourceLength = 2048;
    private const string SamplePrefix = "sample:";

    /// <summary>How long a name server may take before the submission is accepted without its word; the fetch asks again.</summary>
    private static readonly TimeSpan ResolveLimit = TimeSpan.FromSeconds(5);

    /// <summary>A field that is not known is a mistake of the client's, and kinder to be told than to be ignored.</summary>
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public async Task<JobRequest> ReadAsync(HttpContext context)
    {
        var body = await ParseAsync(context);
        var pace = JobFields.Pace(body.Pace);
        if (string.IsNullOrWhiteSpace(body.Source))
            throw ApiException.BadRequest("The source is missing: give sample:tour, or the http(s) address of the media.", "source");
        var source = body.Source.Trim();
        if (source.StartsWith(SamplePrefix, StringComparison.Ordinal))
        {
            var sample = samples.Find(source[SamplePrefix.Length..]) ?? throw ApiException.BadRequest(
                $"There is no sample '{source[SamplePrefix.Length..]}'. There are: {string.Join(", ", samples.All.Select(s => s.Name))}.", "source");
            return new JobRequest(source, JobFields.Language(body.Language ?? sample.Language), pace, null, sample.Title);
        }

        var address = await CheckAddressAsync(source, context.RequestAborted);
        return new JobRequest(address.AbsoluteUri, JobFields.Language(body.Language), pace, null, JobFields.Title(address.Segments[^1], address.Host));
    }

    private static async Task<SubmitJobRequest> ParseAsync(HttpContext context)
    {
        var body = await BoundedBody.ReadAsync(context, MaxBodyBytes, $"A submission in JSON has at most {MaxBodyBytes / 1024} KiB. Media is uploaded as multipart/form-data.");
        try
        {
            return JsonSerializer.Deserialize<SubmitJobRequest>(body, Strict)
                ?? throw ApiException.BadRequest("The body is null; send an object with the field source.");
        }
        catch (JsonException failure)
        {
            var place = failure.LineNumber is { } line ? $" at {failure.Path ?? "$"}, line {line + 1}, byte {failure.BytePositionInLine + 1}" : "";
            throw ApiException.BadRequest($"The body is not the JSON that is expected: the fault is{place}. Send an object with the text fields source, language and pace.");
        }
    }

    private async Task<Uri> CheckAddressAsync(string source, CancellationToken cancellationToken)
    {
        if (source.Length > MaxSourceLength || !Uri.TryCreate(source, UriKind.Absolute, out var address))
            throw ApiException.BadRequest($"The source is neither sample:NAME nor an http(s) address of up to {MaxSourceLength} characters.", "source");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ResolveLimit);
        try
        {
            await guard.CheckAsync(address, limit.Token);
        }
        catch (SourceAddressException refused)
        {
            throw ApiException.BadRequest(refused.Message, "source");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The worker's fetch resolves and checks the name again.
        }
        return address;
    }
}
