using System.ComponentModel.DataAnnotations;

namespace Subtitles.Transcription.OpenAi;

/// <summary>
/// Settings of the engine <c>openai</c>, bound from the configuration section <c>Transcription:OpenAi</c>. It is configured as soon as <see
/// cref="ApiKey"/> or
/// <see cref="BaseUrl"/> is set.
/// </summary>
public sealed class OpenAiOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = TranscriptionOptions.SectionName + ":OpenAi";

    /// <summary>Where requests go when only a key is set.</summary>
    public const string DefaultBaseUrl = "https://api.openai.com/v1";

    /// <summary>The address under which the service has <c>/audio/transcriptions</c>, for example <c>http://localhost:8000/v1</c> for one
    /// of your own. Default: <see cref="DefaultBaseUrl"/>.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Sent as a bearer token; empty for a service of your own that wants none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The model's name, as the service knows it.</summary>
    [Required]
    public string Model { get; set; } = "whisper-1";

    /// <summary>
    /// <c>verbose_json</c>, which brings the time of each word; or <c>json</c> for models that have no other (as gpt-4o-transcribe): then
    /// times are estimated from where the sound was cut, so let <see cref="SegmentDuration"/> be short.
    /// </summary>
    [RegularExpression("^(verbose_json|json)$")]
    public string ResponseFormat { get; set; } = "verbose_json";

    /// <summary>Whether the service has <c>/audio/translations</c> for this model, as OpenAI's has for whisper-1: then jobs may ask for
    /// English.</summary>
    public bool CanTranslate { get; set; } = true;

    /// <summary>Whether to ask for the text as it is heard, which makes partial cues. For models that do so with <see
    /// cref="ResponseFormat"/> <c>json</c>; others answer as without.</summary>
    public bool Stream { get; set; }

    /// <summary>The longest piece of sound in one request; it is cut at pauses. Longer gives the model more context, shorter gives the
    /// viewers their cues sooner. 16 bit, 16 kHz: 32,000 bytes a second.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan SegmentDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most requests of one job that are under way at the same time.</summary>
    [Range(1, 32)]
    public int MaxInFlight { get; set; } = 3;

    /// <summary>How long one request may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a request is repeated before the attempt at the job ends; the job's own attempts come on top.</summary>
    [Range(0, 20)]
    public int MaxRetries { get; set; } = 5;

    /// <summary>How long the first repeat waits, within a random half; each later one waits twice as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a repeat. A service that asks for more by <c>Retry-After</c> ends the attempt.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:30:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the engine can be used at all.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(BaseUrl) || !string.IsNullOrWhiteSpace(ApiKey);

    /// <summary>The address that requests go to.</summary>
    internal Uri EndpointOf(bool translate) =>
        new(
            (string.IsNullOrWhiteSpace(BaseUrl) ? DefaultBaseUrl : BaseUrl).TrimEnd('/')
                + (translate ? "/audio/translations" : "/audio/transcriptions")
        );

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            !string.IsNullOrWhiteSpace(BaseUrl)
            && !(
                Uri.TryCreate(BaseUrl, UriKind.Absolute, out var address)
                && address.Scheme is ("http" or "https")
                && address.Query.Length == 0
            )
        )
            yield return new ValidationResult(
                $"{SectionName}:{nameof(BaseUrl)} is '{BaseUrl}'; it must be an http or https address without a query, such as "
                    + $"{DefaultBaseUrl}."
            );
        if (ApiKey?.Any(c => c is <= ' ' or > '~') == true)
            yield return new ValidationResult(
                $"{SectionName}:{nameof(ApiKey)} has a space, a line break or a character outside of ASCII in it; copy it again."
            );
        if (Stream && ResponseFormat != "json")
            yield return new ValidationResult(
                $"{SectionName}:{nameof(Stream)} needs {SectionName}:{nameof(ResponseFormat)} 'json': no model streams {ResponseFormat}."
            );
        if (MaxRetryDelay < RetryDelay)
            yield return new ValidationResult(
                $"{SectionName}:{nameof(MaxRetryDelay)} must not be below {SectionName}:{nameof(RetryDelay)}."
            );
    }
}
