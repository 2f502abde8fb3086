using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Subtitles.Jobs;

/// <summary>A job as Redis holds it: one JSON object of strings, whose names the scripts know.</summary>
/// <remarks>
/// Free text is escaped (<see cref="Escape"/>) so that nothing in it needs JSON's own escapes: Garnet's <c>cjson.encode</c> writes control
/// characters as they are, which is no JSON.
/// </remarks>
internal static class JobDocument
{
    /// <summary>Letters of every script as they are, for whoever looks into Redis.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document of a job that has just been submitted.</summary>
    public static byte[] Create(JobId id, JobRequest request, DateTimeOffset now, string place, string? traceParent)
    {
        var fields = new Dictionary<string, string>
        {
            ["id"] = id.Value,
            ["owner"] = Escape(request.Owner),
            ["ownerKey"] = JobOwner.KeyOf(request.Owner),
            ["owned"] = place,
            ["source"] = Escape(request.Source),
            ["language"] = Escape(request.Language),
            ["pace"] = request.Pace.ToString(),
            ["title"] = Escape(request.Title),
            ["status"] = "queued",
            ["stage"] = "queued",
            ["percent"] = "0",
            ["attempts"] = "0",
            ["retries"] = "0",
            ["token"] = "0",
            ["createdAt"] = Milliseconds(now),
        };
        if (request.SideFile is not null)
            fields["sideFile"] = Escape(request.SideFile);
        if (request.StoredBytes > 0)
            fields["bytes"] = request.StoredBytes.ToString(CultureInfo.InvariantCulture);
        if (request.ContentHash is not null)
            fields["contentHash"] = request.ContentHash;
        if (request.HasWords)
            fields["words"] = "true";
        if (request.IsLanguageOpen)
            fields["languageOpen"] = "true";
        if (request.Translate)
            fields["translate"] = "true";
        if (request.IngestTokenHash is not null)
            fields["ingestTokenHash"] = request.IngestTokenHash;
        if (request.Webhook is { } webhook)
            (fields["webhook"], fields["webhookSecret"]) = (Escape(webhook.Url), Escape(webhook.Secret));
        if (traceParent is not null)
            fields["traceparent"] = traceParent;
        return JsonSerializer.SerializeToUtf8Bytes(fields, Plain);
    }

    /// <summary>Writes control characters, quotes, backslashes and percent signs as <c>%XX</c>.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(MustEscape))
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (MustEscape(c))
                escaped.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            else
                escaped.Append(c);
        }
        return escaped.ToString();

        static bool MustEscape(char c) => c is < ' ' or '\x7F' or '"' or '\\' or '%';
    }

    public static string Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    public static string Milliseconds(TimeSpan span) => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a document, and the token and worker of its newest lease.</summary>
    /// <exception cref="InvalidDataException">It is damaged: something else has written to it.</exception>
    public static (Job Job, long Token, string Worker, bool IsExhausted) Read(byte[] document)
    {
        try
        {
            return Parse(document);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException("A job's document is damaged: something else has written to it.", e);
        }
    }

    /// <summary>Reads a document where others are read beside it, which must not suffer: null for one that is damaged.</summary>
    public static Job? ReadOrSkip(byte[] document)
    {
        try
        {
            return Read(document).Job;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static (Job Job, long Token, string Worker, bool IsExhausted) Parse(byte[] document)
    {
        var fields =
            JsonSerializer.Deserialize<Dictionary<string, string>>(document)
            ?? throw new InvalidDataException("A job's document is empty.");
        var job = new Job
        {
            Id = JobId.TryParse(fields["id"], out var id) ? id : throw new InvalidDataException("A job's document has no valid id."),
            Request = new JobRequest(
                Needed("source"),
                Needed("language"),
                Enum.Parse<JobPace>(fields["pace"]),
                Text("sideFile"),
                Needed("title"),
                Text("webhook") is { } url ? new JobWebhook(url, Needed("webhookSecret")) : null,
                Text("contentHash")
            )
            {
                // A job of an earlier version has no owner: it is nobody's.
                Owner = Text("owner") ?? "",
                StoredBytes = fields.TryGetValue("bytes", out var bytes) ? long.Parse(bytes, CultureInfo.InvariantCulture) : 0,
                IngestTokenHash = Text("ingestTokenHash"),
                HasWords = fields.ContainsKey("words"),
                IsLanguageOpen = fields.ContainsKey("languageOpen"),
                Translate = fields.ContainsKey("translate"),
            },
            Status = Enum.Parse<JobStatus>(fields["status"], ignoreCase: true),
            Stage = Needed("stage"),
            Percent = double.Parse(fields["percent"], CultureInfo.InvariantCulture),
            Attempts = Int("attempts"),
            Retries = Int("retries"),
            IsCancelRequested = fields.ContainsKey("cancel"),
            IsDeleted = fields.ContainsKey("deleted"),
            Engine = Text("engine"),
            DetectedLanguage = Text("detectedLanguage"),
            Error = Text("error"),
            WebhookStatus = fields.TryGetValue("webhookStatus", out var webhook)
                ? Enum.Parse<WebhookStatus>(webhook, ignoreCase: true)
                : null,
            TraceParent = Text("traceparent"),
            CreatedAt = Time("createdAt") ?? throw new InvalidDataException("A job's document does not say when it was made."),
            StartedAt = Time("startedAt"),
            FirstStartedAt = Time("firstStartedAt"),
            FinishedAt = Time("finishedAt"),
        };
        return (job, long.Parse(fields["token"], CultureInfo.InvariantCulture), Text("worker") ?? "", fields.ContainsKey("exhausted"));

        string? Text(string name) => fields.TryGetValue(name, out var text) ? Uri.UnescapeDataString(text) : null;

        string Needed(string name) => Uri.UnescapeDataString(fields[name]);

        int Int(string name) => int.Parse(fields[name], CultureInfo.InvariantCulture);

        DateTimeOffset? Time(string name) =>
            fields.TryGetValue(name, out var text)
                ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text, CultureInfo.InvariantCulture))
                : null;
    }
}
