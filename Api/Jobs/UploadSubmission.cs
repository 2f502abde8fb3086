using System.Security.Cryptography;
using System.Text;
using Api.Problems;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Subtitles.Formats;
using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription.Embedded;

namespace Api.Jobs;

/// <summary>Reads a submission in <c>multipart/form-data</c>, part by part and straight to the store: nothing is held in memory.</summary>
internal sealed class UploadSubmission(MediaIntake intake, IMediaStore store, IOptions<MediaOptions> options, WebhookFields webhooks)
{
    private const string StoredPrefix = "upload:";
    private const int MaxBoundaryLength = 100;
    private const int MaxFieldBytes = 2048;
    private const int MaxParts = 16;

    /// <summary>What the parts' headers and the small fields may take beside the files.</summary>
    private const long FormOverheadBytes = 64 * 1024;

    public async Task<JobRequest> ReadAsync(HttpContext context, List<string> warnings)
    {
        BoundedBody.Limit(
            context,
            options.Value.MaxUploadBytes + MediaIntake.MaxSideFileBytes + FormOverheadBytes,
            new MediaTooLargeException(options.Value.MaxUploadBytes).Message
        );
        var stored = new List<string>();
        try
        {
            return await ReadPartsAsync(CreateReader(context.Request), stored, warnings, context.RequestAborted);
        }
        catch (Exception failure)
        {
            // A submission that is refused leaves nothing behind.
            stored.ForEach(store.Delete);
            if (Explain(failure, context) is { } explained)
                throw explained;
            throw;
        }
    }

    /// <summary>Deletes the files of a submission that turned out to be a repeat of an earlier one.</summary>
    public void Discard(JobRequest request)
    {
        foreach (var file in new[] { request.Source, request.SideFile }.OfType<string>())
            store.Delete(file[StoredPrefix.Length..]);
    }

    private static ApiException? Explain(Exception failure, HttpContext context) =>
        failure switch
        {
            BadHttpRequestException => null,
            InvalidDataException => ApiException.BadRequest("The multipart body cannot be read: " + failure.Message),
            IOException when !context.RequestAborted.IsCancellationRequested => ApiException.BadRequest(
                "The multipart body ends before its last boundary."
            ),
            _ => null,
        };

    private static MultipartReader CreateReader(HttpRequest request)
    {
        var boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).Value
            : null;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength)
            throw ApiException.BadRequest($"The content type names no boundary of up to {MaxBoundaryLength} characters.");
        return new MultipartReader(boundary, request.Body);
    }

    private async Task<JobRequest> ReadPartsAsync(
        MultipartReader reader,
        List<string> stored,
        List<string> warnings,
        CancellationToken cancellationToken
    )
    {
        string? media = null,
            title = null,
            sideFile = null,
            language = null,
            pace = null,
            webhook = null,
            webhookSecret = null;
        var (words, translate) = (false, false);
        for (var parts = 0; await reader.ReadNextSectionAsync(cancellationToken) is { } section; parts++)
        {
            if (parts == MaxParts)
                throw ApiException.BadRequest($"The form has more than {MaxParts} parts.");
            var disposition = section.GetContentDispositionHeader();
            var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).Value;
            switch (name)
            {
                case "media" when media is null:
                    stored.Add(media = await StoreAsync("media", () => intake.SaveMediaAsync(section.Body, cancellationToken)));
                    title = HeaderUtilities
                        .RemoveQuotes(disposition!.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName)
                        .Value;
                    break;
                case "subtitles" when sideFile is null:
                    stored.Add(sideFile = await StoreAsync("subtitles", () => intake.SaveSideFileAsync(section.Body, cancellationToken)));
                    warnings.AddRange(Check(sideFile));
                    break;
                case "language":
                    language = await ReadFieldAsync(section, name, cancellationToken);
                    JobFields.Language(language);
                    break;
                case "pace":
                    pace = await ReadFieldAsync(section, name, cancellationToken);
                    JobFields.Pace(pace);
                    break;
                case "words":
                    words = JobFields.Switch(await ReadFieldAsync(section, name, cancellationToken), name);
                    break;
                case "translate":
                    translate = JobFields.Switch(await ReadFieldAsync(section, name, cancellationToken), name);
                    break;
                case "webhook":
                    webhook = await ReadFieldAsync(section, name, cancellationToken);
                    break;
                case "webhookSecret":
                    webhookSecret = await ReadFieldAsync(section, name, cancellationToken);
                    break;
                default:
                    throw ApiException.BadRequest(
                        $"The part '{name}' is not known or comes twice. The parts are media, and optionally subtitles, language, pace, "
                            + "words, translate, webhook and webhookSecret.",
                        name
                    );
            }
        }
        if (media is null)
            throw ApiException.BadRequest("The part 'media' is missing: send the audio or video file in it.", "media");
        if (translate && sideFile is not null)
            throw ApiException.BadRequest(
                "Subtitles that are sent are not translated: leave out translate, or the part 'subtitles' to have the speech translated.",
                "translate"
            );
        string[] files = sideFile is null ? [media] : [media, sideFile];
        return new JobRequest(
            StoredPrefix + media,
            JobFields.Language(language),
            JobFields.Pace(pace),
            sideFile is null ? null : StoredPrefix + sideFile,
            JobFields.Title(title, "upload"),
            await webhooks.ReadAsync(webhook, webhookSecret, cancellationToken),
            await HashAsync(files, cancellationToken)
        )
        {
            StoredBytes = files.Sum(name => new FileInfo(FindPath(name)).Length),
            HasWords = words,
            IsLanguageOpen = string.IsNullOrEmpty(language),
            Translate = translate,
        };
    }

    /// <summary>By what was uploaded a repeat is known.</summary>
    private async Task<string> HashAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in names)
        {
            await using var file = File.OpenRead(FindPath(name));
            whole.AppendData(await SHA256.HashDataAsync(file, cancellationToken));
        }
        return Convert.ToHexStringLower(whole.GetHashAndReset());
    }

    private string FindPath(string name) =>
        store.FindPath(name) ?? throw new FileNotFoundException("A file that was just stored is gone.", name);

    private static async Task<string> StoreAsync(string field, Func<Task<string>> save)
    {
        try
        {
            return await save();
        }
        catch (UnsupportedMediaException failure)
        {
            throw ApiException.UnsupportedMedia(failure.Message, field);
        }
        catch (MediaTooLargeException failure)
        {
            throw ApiException.TooLarge(failure.Message, field);
        }
    }

    /// <summary>The cues of a side file that are passed over are told now, by their lines; a file without any that can be read is
    /// refused.</summary>
    private IReadOnlyList<string> Check(string sideFile)
    {
        try
        {
            return SideFile.Read(FindPath(sideFile)).Faults;
        }
        catch (SubtitleFormatException failure)
        {
            throw ApiException.BadRequest("The subtitles cannot be read. " + failure.Message, "subtitles");
        }
    }

    private static async Task<string> ReadFieldAsync(MultipartSection section, string name, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var length = await section.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxFieldBytes
            ? Encoding.UTF8.GetString(buffer, 0, length).Trim()
            : throw ApiException.BadRequest($"The part '{name}' is longer than {MaxFieldBytes} bytes.", name);
    }
}
