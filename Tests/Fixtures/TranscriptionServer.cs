using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>
/// A service with OpenAI's <c>POST /v1/audio/transcriptions</c> and <c>/v1/audio/translations</c>, on a port of its own: its parameters,
/// its answers and its errors are those of the public reference. It understands
/// <see cref="ToneSpeech"/>, and says word 7 as "w7".
/// </summary>
internal sealed class TranscriptionServer : IAsyncDisposable
{
    public const string Key = "sk-test-0123456789";
    public const string Model = "whisper-1";

    private const int HeaderLength = 44;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _faults = new();
    private int _requests;
    private int _inFlight;
    private int _mostInFlight;
    private int _abandoned;

    private TranscriptionServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/audio/transcriptions", AnswerAsync);
        _app.MapPost("/v1/audio/translations", AnswerAsync);
    }

    public string BaseUrl => _app.Urls.Single() + "/v1";

    public int Requests => Volatile.Read(ref _requests);

    public int MostInFlight => Volatile.Read(ref _mostInFlight);

    /// <summary>Requests whose client left before the answer.</summary>
    public int Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>What it answers for the language of what it hears; null to tell none.</summary>
    public string? Language { get; set; } = "english";

    /// <summary>The languages that requests named, in their order; empty where one named none.</summary>
    public ConcurrentQueue<string> LanguagesAsked { get; } = new();

    /// <summary>Requests for a translation.</summary>
    public int Translations { get; private set; }

    /// <summary>The most bytes of a file.</summary>
    public long MaxFileBytes { get; set; } = 25 * 1024 * 1024;

    /// <summary>Runs before the answer to a request, which is given by its number from 1.</summary>
    public Func<int, CancellationToken, Task>? BeforeAnswer { get; set; }

    public static async Task<TranscriptionServer> StartAsync()
    {
        var server = new TranscriptionServer();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The next request that has no fault of its own meets this.</summary>
    public void Break(Func<HttpContext, Task> fault) => _faults.Enqueue(fault);

    /// <summary>An error as the service words it.</summary>
    public static Func<HttpContext, Task> Error(int status, string message, string? code = null, string? retryAfter = null) =>
        context =>
        {
            context.Response.StatusCode = status;
            if (retryAfter is not null)
                context.Response.Headers.RetryAfter = retryAfter;
            return context.Response.WriteAsJsonAsync(
                new
                {
                    error = new
                    {
                        message,
                        type = status >= 500 ? "server_error" : "invalid_request_error",
                        param = (string?)null,
                        code,
                    },
                }
            );
        };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref _requests);
        var now = Interlocked.Increment(ref _inFlight);
        for (var most = _mostInFlight; now > most; most = _mostInFlight)
            Interlocked.CompareExchange(ref _mostInFlight, now, most);
        try
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            if (await RefuseAsync(context) is { } refusal)
            {
                await refusal(context);
                return;
            }
            if (BeforeAnswer is { } before)
                await before(number, context.RequestAborted);
            if (_faults.TryDequeue(out var fault))
                await fault(context);
            else
                await HearAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Interlocked.Increment(ref _abandoned);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task<Func<HttpContext, Task>?> RefuseAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length == 0)
            return Error(
                401,
                "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth."
            );
        if (authorization != $"Bearer {Key}")
            return Error(
                401,
                $"Incorrect API key provided: {authorization["Bearer ".Length..]}. "
                    + "You can find your API key at https://platform.openai.com/account/api-keys.",
                "invalid_api_key"
            );
        if (!context.Request.HasFormContentType)
            return Error(400, "Invalid body: failed to parse multipart form.");
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form["model"] is not [{ } model])
            return Error(400, "you must provide a model parameter");
        if (model != Model)
            return Error(404, $"The model `{model}` does not exist or you do not have access to it.", "model_not_found");
        if (form.Files.GetFile("file") is not { } file)
            return Error(400, "Invalid value: file is required.");
        if (file.Length > MaxFileBytes)
            return Error(413, $"Maximum content size limit ({MaxFileBytes}) exceeded ({file.Length} bytes read)");
        if (form["response_format"].ToString() is not ("" or "json" or "text" or "srt" or "verbose_json" or "vtt"))
            return Error(400, $"Invalid value for response_format: {form["response_format"]}.");
        if (form.ContainsKey("timestamp_granularities[]") && form["response_format"] != "verbose_json")
            return Error(400, "timestamp_granularities is only supported with response_format verbose_json.");
        if (IsTranslation(context))
        {
            Translations++;
            // It takes no more than these.
            if (form.Keys.Except(["model", "prompt", "response_format", "temperature"]).FirstOrDefault() is { } unknown)
                return Error(400, $"Unrecognized request argument supplied: {unknown}");
            return null;
        }
        LanguagesAsked.Enqueue(form["language"].ToString());
        return form["language"].ToString() is { Length: not (0 or 2) }
            ? Error(400, "Invalid language. Language parameter must be specified in ISO-639-1 format.")
            : null;
    }

    private static bool IsTranslation(HttpContext context) =>
        context.Request.Path.Value!.EndsWith("translations", StringComparison.Ordinal);

    private async Task HearAsync(HttpContext context)
    {
        var form = context.Request.Form;
        using var file = new MemoryStream();
        await form.Files.GetFile("file")!.CopyToAsync(file);
        var bytes = file.ToArray();
        if (bytes.Length <= HeaderLength || !bytes.AsSpan().StartsWith("RIFF"u8))
        {
            await Error(
                400,
                "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"
            )(context);
            return;
        }
        var words = ToneSpeech.Hear(MemoryMarshal.Cast<byte, short>(bytes.AsSpan(HeaderLength)));
        // Punctuation is in the text and not in the words, as the real service has it.
        var text = new StringBuilder();
        foreach (var (word, _, _) in words)
            text.Append(text.Length == 0 ? "" : " ").Append('w').Append(word).Append(word % 5 == 4 ? "." : "");
        if (form["stream"] == "true" && form["response_format"] == "json")
        {
            await StreamAsync(context, text.ToString());
            return;
        }
        if (form["response_format"] != "verbose_json")
        {
            await context.Response.WriteAsJsonAsync(new { text = text.ToString() });
            return;
        }
        var granularities = IsTranslation(context) ? new(["segment"]) : form["timestamp_granularities[]"];
        await context.Response.WriteAsJsonAsync(
            new
            {
                task = IsTranslation(context) ? "translate" : "transcribe",
                language = Language,
                duration = (bytes.Length - HeaderLength) / 2.0 / ToneSpeech.SampleRate,
                text = text.ToString(),
                segments = !granularities.Contains("segment") || words.Count == 0
                    ? null
                    : new[]
                    {
                        new
                        {
                            id = 0,
                            seek = 0,
                            start = words[0].Start,
                            end = words[^1].End,
                            text = " " + text,
                            tokens = Array.Empty<int>(),
                            temperature = 0.0,
                            avg_logprob = -0.1,
                            compression_ratio = 1.0,
                            no_speech_prob = 0.01,
                        },
                    },
                words = !granularities.Contains("word")
                    ? null
                    : words.Select(w => new
                    {
                        word = $"w{w.Word}",
                        start = w.Start,
                        end = w.End,
                    }),
            }
        );
    }

    private static async Task StreamAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((word, i) => i == 0 ? word : " " + word))
            await TellAsync(new { type = "transcript.text.delta", delta = word });
        await TellAsync(new { type = "transcript.text.done", text });

        async Task TellAsync(object step)
        {
            await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(step)}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }
}
