using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace Subtitles.Transcription.OpenAi;

/// <summary>Sends sound to an OpenAI-compatible <c>POST /audio/transcriptions</c> or <c>/audio/translations</c>. What may pass is tried
/// again, after the time that the service asks for.</summary>
internal sealed class OpenAiClient : IDisposable
{
    private const int MaxAnswerBytes = 8 * 1024 * 1024;
    private const int MaxReasonCharacters = 300;

    private readonly OpenAiOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<OpenAiAnswer> _pipeline;

    public OpenAiClient(IOptions<OpenAiOptions> options, TimeProvider time)
    {
        (_options, _time) = (options.Value, time);
        // Not from the client factory: its defaults would cut a long answer, and translate the names of internal services. No redirects:
        // the key is for this service alone.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("AspireSse/1.0");
        if (!string.IsNullOrEmpty(_options.ApiKey))
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiKey);
        _pipeline = CreatePipeline();
    }

    private const string Service = "The transcription service";

    /// <summary>Has a WAV file transcribed.</summary>
    /// <param name="wave">The file.</param>
    /// <param name="language">The spoken language, in two letters where there is such a code; null where the service is to detect
    /// it.</param>
    /// <param name="translate">Whether the text is to be in English, whatever is spoken.</param>
    /// <param name="heard">Is given the text so far, where the service tells it; after a broken answer it begins anew.</param>
    /// <param name="cancellationToken">Cancels the request and the waiting for a repeat.</param>
    /// <exception cref="TranscriptionException">The service refused, or did not answer however often it was asked.</exception>
    public async Task<OpenAiAnswer> TranscribeAsync(
        byte[] wave,
        string? language,
        bool translate,
        Action<string> heard,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await SendAsync(wave, language, translate, heard, token), cancellationToken);
        }
        catch (OpenAiRefusal refusal)
        {
            throw new TranscriptionException(refusal.Sentence, refusal.CanRetry, refusal);
        }
    }

    public void Dispose() => _client.Dispose();

    private ResiliencePipeline<OpenAiAnswer> CreatePipeline()
    {
        var builder = new ResiliencePipelineBuilder<OpenAiAnswer> { TimeProvider = _time };
        if (_options.MaxRetries == 0)
            return builder.Build();
        return builder
            .AddRetry(
                new RetryStrategyOptions<OpenAiAnswer>
                {
                    MaxRetryAttempts = _options.MaxRetries,
                    Delay = _options.RetryDelay,
                    MaxDelay = _options.MaxRetryDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    ShouldHandle = arguments =>
                        ValueTask.FromResult(
                            arguments.Outcome.Exception is OpenAiRefusal { CanRetry: true } refusal
                                && !(refusal.RetryAfter > _options.MaxRetryDelay)
                        ),
                    // Null leaves it to the backoff.
                    DelayGenerator = static arguments => ValueTask.FromResult((arguments.Outcome.Exception as OpenAiRefusal)?.RetryAfter),
                }
            )
            .Build();
    }

    private async Task<OpenAiAnswer> SendAsync(
        byte[] wave,
        string? language,
        bool translate,
        Action<string> heard,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var form = translate ? CreateForm(wave) : CreateForm(wave, language);
            using var request = new HttpRequestMessage(HttpMethod.Post, _options.EndpointOf(translate)) { Content = form };
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == OpenAiStream.ContentType)
                return await OpenAiStream.ReadAsync(await response.Content.ReadAsStreamAsync(either.Token), heard, either.Token)
                    ?? throw Broken();
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return response.IsSuccessStatusCode ? Read(body) : throw Refuse(response, body, wave.Length);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Refusal(
                $"{Service} did not answer within {_options.RequestTimeout.TotalSeconds:0.#} s; is it overloaded? "
                    + $"{OpenAiOptions.SectionName}:RequestTimeout sets the limit.",
                "",
                canRetry: true
            );
        }
        catch (JsonException)
        {
            throw NoTranscription();
        }
        catch (IOException)
        {
            throw Broken();
        }
        catch (HttpRequestException e)
        {
            throw Refusal(
                $"{Service} could not be reached; is {OpenAiOptions.SectionName}:BaseUrl right?",
                e.Message,
                canRetry: true,
                inner: e
            );
        }
    }

    /// <summary>What both calls take.</summary>
    private MultipartFormDataContent CreateForm(byte[] wave)
    {
        var file = new ByteArrayContent(wave);
        file.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        return new MultipartFormDataContent
        {
            { new StringContent(_options.Model), "\"model\"" },
            { new StringContent(_options.ResponseFormat), "\"response_format\"" },
            // The same sound is to give the same words.
            { new StringContent("0"), "\"temperature\"" },
            { file, "\"file\"", "\"segment.wav\"" },
        };
    }

    private MultipartFormDataContent CreateForm(byte[] wave, string? language)
    {
        var form = CreateForm(wave);
        // Without it the service detects.
        if (language is not null)
            form.Add(new StringContent(language), "\"language\"");
        if (_options.ResponseFormat == "verbose_json")
        {
            form.Add(new StringContent("word"), "\"timestamp_granularities[]\"");
            form.Add(new StringContent("segment"), "\"timestamp_granularities[]\"");
        }
        if (_options.Stream)
            form.Add(new StringContent("true"), "\"stream\"");
        return form;
    }

    /// <exception cref="JsonException">It is none.</exception>
    private OpenAiAnswer Read(byte[] body) =>
        JsonSerializer.Deserialize<OpenAiAnswer>(body) is { } answer
        && (answer.Text ?? (object?)answer.Segments ?? answer.Words) is not null
            ? answer
            : throw NoTranscription();

    private OpenAiRefusal NoTranscription() =>
        Refusal(
            $"{Service} answered with something other than a transcription; is {OpenAiOptions.SectionName}:BaseUrl right?",
            "",
            canRetry: true
        );

    private OpenAiRefusal Broken() => Refusal($"{Service} broke its answer off.", "", canRetry: true);

    private OpenAiRefusal Refuse(HttpResponseMessage response, byte[] body, int bytes)
    {
        var (reason, code) = ReadError(body);
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Final(
                $"{Service} refused the API key; set {OpenAiOptions.SectionName}:ApiKey."
            ),
            HttpStatusCode.NotFound => Final(
                $"{Service} knows no such address or model; check {OpenAiOptions.SectionName}:BaseUrl and :Model."
            ),
            HttpStatusCode.RequestEntityTooLarge => Final(
                $"{Service} takes no piece of {bytes / 1024} KiB; lower {OpenAiOptions.SectionName}:SegmentDuration."
            ),
            // The account is empty: no wait helps.
            HttpStatusCode.TooManyRequests when code == "insufficient_quota" => Final(
                $"{Service} has no quota left for this key; see to the account's plan."
            ),
            HttpStatusCode.TooManyRequests => Passing(
                $"{Service} has too many requests; lower {OpenAiOptions.SectionName}:MaxInFlight or the number of workers."
            ),
            HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError => Passing(
                $"{Service} failed with status {(int)response.StatusCode}."
            ),
            _ => Final($"{Service} refused the request with status {(int)response.StatusCode}."),
        };

        OpenAiRefusal Final(string sentence) => Refusal(sentence, reason ?? "", canRetry: false);

        OpenAiRefusal Passing(string sentence) => Refusal(sentence, reason ?? "", canRetry: true, RetryAfter(response));
    }

    private OpenAiRefusal Refusal(string sentence, string detail, bool canRetry, TimeSpan? retryAfter = null, Exception? inner = null) =>
        new(sentence, $"{_options.EndpointOf(translate: false).Authority}: {detail}", canRetry, retryAfter, inner);

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - _time.GetUtcNow() : null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>What the service says in its own words, without the key should it repeat it.</summary>
    private (string? Reason, string? Code) ReadError(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("error", out var error))
                return default;
            if (error.ValueKind == JsonValueKind.String)
                return (Tidy(error.GetString()), null);
            return error.ValueKind == JsonValueKind.Object ? (Tidy(Text(error, "message")), Text(error, "code")) : default;
        }
        catch (JsonException)
        {
            return default;
        }

        static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        string? Tidy(string? text)
        {
            if (string.IsNullOrWhiteSpace(text))
                return null;
            if (!string.IsNullOrEmpty(_options.ApiKey))
                text = text.Replace(_options.ApiKey, "…", StringComparison.Ordinal);
            text = text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
            return text.Length <= MaxReasonCharacters ? text : text[..MaxReasonCharacters] + "…";
        }
    }
}
