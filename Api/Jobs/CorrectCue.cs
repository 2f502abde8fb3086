using System.Text.Json;
using Api.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Subtitles.Cues;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>A corrected line.</summary>
/// <param name="Rev">The revision that it was made from.</param>
/// <param name="Text">The new text: one or more lines.</param>
internal sealed record CueCorrection(int? Rev, string? Text);

/// <summary>Takes a correction of a cue.</summary>
internal sealed class CorrectCue(IJobQueue queue, CueCorrections corrections)
{
    private const int MaxTextLength = 1000;
    private const int MaxBodyBytes = 16 * 1024;

    public async Task<Ok<Cue>> RunAsync(string id, string cueId, HttpContext context)
    {
        var job = await JobEndpoints.FindOwnAsync(queue, id, context);
        var body = await ReadAsync(context);
        if (body.Rev is not > 0)
            throw ApiException.BadRequest(
                "The rev is missing: name the revision of the line that you corrected, as its cue event has it.",
                "rev"
            );
        var text = CueText.Normalize(body.Text ?? "");
        if (text.Length is 0 or > MaxTextLength)
            throw ApiException.BadRequest($"The text of a line has 1 to {MaxTextLength} characters that can be seen.", "text");
        var (outcome, cue) = await corrections.CorrectAsync(job.Id, cueId, body.Rev.Value, text, context.RequestAborted);
        return outcome switch
        {
            CorrectionOutcome.Corrected => TypedResults.Ok(cue),
            CorrectionOutcome.NotFound => throw ApiException.NotFound($"The job has no line '{cueId}'."),
            CorrectionOutcome.Partial => throw ApiException.Conflict("The line is still being spoken; correct it when it is final."),
            _ => throw new ApiException(
                StatusCodes.Status409Conflict,
                $"Somebody has corrected the line meanwhile: it is at rev {cue!.Rev} now. Make your correction from that one."
            )
            {
                Current = cue,
            },
        };
    }

    private static async Task<CueCorrection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            throw ApiException.UnsupportedMedia("Send application/json with the fields rev and text.");
        var body = await BoundedBody.ReadAsync(context, MaxBodyBytes, $"A correction has at most {MaxBodyBytes / 1024} KiB.");
        try
        {
            return JsonSerializer.Deserialize<CueCorrection>(body, JsonSerializerOptions.Web) ?? new CueCorrection(null, null);
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest("The body is not the JSON that is expected: an object with the number rev and the text text.");
        }
    }
}
