using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Transcription;
using Subtitles.Transcription.OpenAi;
using Tests.Fixtures;

namespace Tests.Integration;

/// <summary>The engine against a service that behaves as the public reference says.</summary>
public sealed class OpenAiTests : IDisposable
{
    private const int Words = 40;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_word_comes_once_in_order_and_at_its_time_while_several_pieces_are_under_way()
    {
        await using var server = await TranscriptionServer.StartAsync();
        var (second, third) = (new TaskCompletionSource(), new TaskCompletionSource());
        // All three are under way before any of them is answered, and the first comes last: its cues come first all the same.
        server.BeforeAnswer = async (number, token) =>
        {
            if (number == 3)
                third.SetResult();
            else if (number == 2)
                await third.Task.WaitAsync(token);
            else if (number == 1)
                await second.Task.WaitAsync(token);
            if (number == 2)
                second.SetResult();
        };
        var (request, starts) = await SpeechAsync();
        var updates = await SpeechTools.RunAsync(Engine(server), request);
        var cues = SpeechTools.Cues(updates);

        Assert.Equal(Enumerable.Range(0, Words).Select(Word), WordsOf(cues));
        Assert.Equal(3, server.MostInFlight);
        Assert.True(server.Requests >= 4);
        Assert.All(cues.Zip(cues.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.StartMs));
        var said = 0;
        foreach (var cue in cues)
        {
            Assert.InRange(cue.StartMs, starts[said] - 30, starts[said] + 30);
            said += cue.Text.Split(' ', '\n').Length;
            Assert.InRange(cue.EndMs, starts[said - 1] + ToneSpeech.WordMs - 30, said < Words ? starts[said] : long.MaxValue);
        }
        Assert.Equal(100, updates[^1].Percent);
    }

    [Fact]
    public async Task An_attempt_that_goes_on_sends_only_what_is_missing_and_loses_and_doubles_no_word()
    {
        await using var server = await TranscriptionServer.StartAsync();
        var (request, _) = await SpeechAsync();
        var whole = SpeechTools.Cues(await SpeechTools.RunAsync(Engine(server), request));
        var requests = server.Requests;
        for (var done = 1; done < whole.Count; done++)
        {
            var resumed = request with { ResumeAfter = new ResumePoint(done, whole[done - 1].StartMs, whole[done - 1].EndMs) };
            var rest = SpeechTools.Cues(await SpeechTools.RunAsync(Engine(server), resumed));
            Assert.Equal(WordsOf(whole), WordsOf(whole.Take(done).Concat(rest)));
        }
        Assert.True(server.Requests - requests < requests * (whole.Count - 1));
    }

    [Fact]
    public async Task Without_times_in_the_answer_no_word_is_lost()
    {
        await using var server = await TranscriptionServer.StartAsync();
        var (request, starts) = await SpeechAsync();
        var cues = SpeechTools.Cues(await SpeechTools.RunAsync(Engine(server, o => o.ResponseFormat = "json"), request));
        Assert.Equal(Enumerable.Range(0, Words).Select(Word), WordsOf(cues));
        Assert.InRange(cues[^1].EndMs, starts[^1], starts[^1] + 2000);
    }

    [Fact]
    public async Task A_service_that_tells_what_it_hears_makes_partial_cues_before_the_final_ones()
    {
        await using var server = await TranscriptionServer.StartAsync();
        // Broken off in the middle once: the partial cues begin anew, the final ones come once.
        server.Break(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"type\":\"transcript.text.delta\",\"delta\":\"w0 w1\"}\n\n");
        });
        var (request, _) = await SpeechAsync();
        var cues = SpeechTools.Cues(
            await SpeechTools.RunAsync(Engine(server, o => (o.ResponseFormat, o.Stream, o.MaxInFlight) = ("json", true, 1)), request)
        );
        Assert.Equal(Enumerable.Range(0, Words).Select(Word), WordsOf(cues.Where(c => c.State == CueState.Final)));
        Assert.Equal(["w0 w1", "w0", "w0 w1", "w0 w1 w2"], cues.Take(4).Select(c => c.Text));
        Assert.All(cues.Take(4), c => Assert.Equal(CueState.Partial, c.State));
        var final = cues.FindIndex(c => c.State == CueState.Final);
        Assert.Equal(cues[final].StartMs, cues[final - 1].StartMs);
    }

    [Theory]
    [InlineData(400, "Something is wrong with your file.", null, "refused the request with status 400")]
    [InlineData(403, "Country not supported", "unsupported_country_region_territory", "refused the API key")]
    [InlineData(413, "Maximum content size limit (26214400) exceeded", null, "lower Transcription:OpenAi:SegmentDuration")]
    [InlineData(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "has no quota left"
    )]
    public async Task What_no_repeat_can_mend_ends_the_job_at_once_in_a_sentence(int status, string message, string? code, string sentence)
    {
        await using var server = await TranscriptionServer.StartAsync();
        server.Break(TranscriptionServer.Error(status, message, code));
        var failure = await FailAsync(server, o => o.MaxInFlight = 1);
        Assert.False(failure.IsTransient);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        // Everybody who follows the job reads the sentence; where the service is and what it said is for the log.
        Assert.DoesNotContain(message.TrimEnd('.'), failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(new Uri(server.BaseUrl).Authority, failure.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"{new Uri(server.BaseUrl).Authority}: {message.TrimEnd('.')}",
            failure.InnerException!.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_wrong_key_or_model_is_told_without_the_key()
    {
        await using var server = await TranscriptionServer.StartAsync();
        var wrongKey = await FailAsync(server, o => o.ApiKey = "sk-very-secret");
        Assert.Contains("set Transcription:OpenAi:ApiKey", wrongKey.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", wrongKey.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "set Transcription:OpenAi:ApiKey",
            (await FailAsync(server, o => o.ApiKey = null)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "`tiny` does not exist",
            (await FailAsync(server, o => o.Model = "tiny")).InnerException!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_may_pass_is_tried_again()
    {
        await using var server = await TranscriptionServer.StartAsync();
        server.Break(TranscriptionServer.Error(500, "The server had an error while processing your request."));
        server.Break(TranscriptionServer.Error(429, "Rate limit reached for requests", "rate_limit_exceeded", retryAfter: "1"));
        server.Break(TranscriptionServer.Error(503, "The engine is currently overloaded, please try again later."));
        server.Break(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        server.Break(context => ScriptedServer.UntilLeftAsync(context));
        server.Break(context => context.Response.CompleteAsync());
        var (request, _) = await SpeechAsync();
        var clock = Stopwatch.StartNew();
        var cues = SpeechTools.Cues(
            await SpeechTools.RunAsync(
                Engine(server, o => (o.RequestTimeout, o.MaxInFlight, o.MaxRetries) = (TimeSpan.FromSeconds(1.5), 1, 12)),
                request
            )
        );
        Assert.Equal(Enumerable.Range(0, Words).Select(Word), WordsOf(cues));
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(1), "Retry-After is kept.");
    }

    [Fact]
    public async Task A_service_that_stays_down_ends_the_attempt_and_leaves_the_rest_to_the_next_one()
    {
        await using var server = await TranscriptionServer.StartAsync();
        for (var i = 0; i < 4; i++)
            server.Break(TranscriptionServer.Error(502, "Bad gateway"));
        var failure = await FailAsync(server, o => (o.MaxInFlight, o.MaxRetries) = (1, 3));
        Assert.True(failure.IsTransient);
        Assert.Contains("failed with status 502.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, server.Requests);
    }

    [Fact]
    public async Task A_service_that_asks_for_an_hour_is_not_waited_for()
    {
        await using var server = await TranscriptionServer.StartAsync();
        server.Break(TranscriptionServer.Error(429, "Rate limit reached", retryAfter: "3600"));
        var failure = await FailAsync(server, o => o.MaxInFlight = 1);
        Assert.True(failure.IsTransient);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_named_in_the_log()
    {
        string address;
        await using (var server = await TranscriptionServer.StartAsync())
            address = server.BaseUrl;
        var (request, _) = await SpeechAsync(5);
        var failure = await Assert.ThrowsAsync<TranscriptionException>(() =>
            SpeechTools.RunAsync(SpeechTools.OpenAi(Options(address, o => o.MaxRetries = 1)), request)
        );
        Assert.True(failure.IsTransient);
        Assert.Contains(new Uri(address).Authority, failure.InnerException!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("french", "fr")]
    [InlineData("ja", "ja")]
    public async Task A_language_that_is_detected_is_told_once_and_holds_for_all_that_follows(string answered, string tag)
    {
        await using var server = await TranscriptionServer.StartAsync();
        server.Language = answered;
        var (request, _) = await SpeechAsync();
        var updates = await SpeechTools.RunAsync(Engine(server), request with { Language = "auto" });
        Assert.Equal(Enumerable.Range(0, Words).Select(Word), WordsOf(SpeechTools.Cues(updates)));
        var told = Assert.Single(updates, u => u.Language is not null);
        Assert.Equal(tag, told.Language);
        Assert.True(updates.IndexOf(told) < updates.FindIndex(u => u.Cue is not null));
        Assert.Equal([""], server.LanguagesAsked.Take(1));
        Assert.All(server.LanguagesAsked.Skip(1), l => Assert.Equal(tag, l));
    }

    [Fact]
    public async Task A_service_that_tells_no_language_detects_in_every_piece_and_nothing_is_claimed()
    {
        await using var server = await TranscriptionServer.StartAsync();
        server.Language = null;
        var (request, _) = await SpeechAsync();
        var updates = await SpeechTools.RunAsync(Engine(server), request with { Language = "auto" });
        Assert.Equal(Enumerable.Range(0, Words).Select(Word), WordsOf(SpeechTools.Cues(updates)));
        Assert.DoesNotContain(updates, u => u.Language is not null);
        Assert.All(server.LanguagesAsked, l => Assert.Equal("", l));
    }

    [Fact]
    public async Task English_is_asked_of_the_translations_and_of_no_engine_that_has_none()
    {
        await using var server = await TranscriptionServer.StartAsync();
        var (speech, _) = await SpeechAsync();
        var request = speech with { Language = "de", Translate = true };
        var updates = await SpeechTools.RunAsync(Engine(server), request);
        Assert.Equal(Enumerable.Range(0, Words).Select(Word), WordsOf(SpeechTools.Cues(updates)));
        Assert.Equal((server.Requests, 0), (server.Translations, server.LanguagesAsked.Count));
        Assert.DoesNotContain(updates, u => u.Language is not null);

        var selector = SpeechTools.Selector(SpeechTools.Embedded, Engine(server), SpeechTools.PocketSphinx);
        Assert.Equal("openai", (await selector.SelectAsync(request, null, default)).Name);
        Assert.Equal(new Abilities(true, true), selector.Abilities);
        var without = SpeechTools.Selector(Engine(server, o => o.CanTranslate = false), SpeechTools.PocketSphinx);
        Assert.Equal(new Abilities(true, false), without.Abilities);
        Assert.Contains(
            "does not translate",
            (await Assert.ThrowsAsync<TranscriptionException>(() => without.SelectAsync(request, null, default))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_language_that_nobody_named_is_detected_or_is_the_engines_own()
    {
        await using var server = await TranscriptionServer.StartAsync();
        var (speech, _) = await SpeechAsync(5);
        var open = speech with { Language = "auto", IsLanguageOpen = true };
        Assert.Null(await ((ITranscriber)Engine(server)).FindLanguageAsync(open, default));
        Assert.Equal("en", await SpeechTools.PocketSphinx.FindLanguageAsync(open, default));
        Assert.Contains(
            "It knows English only",
            (await SpeechTools.PocketSphinx.FindObstacleAsync(open with { IsLanguageOpen = false }, default))!,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Canceling_ends_the_requests_under_way()
    {
        await using var server = await TranscriptionServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        server.BeforeAnswer = async (number, token) =>
        {
            if (number == 3)
                await cancel.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        var (request, _) = await SpeechAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SpeechTools.RunAsync(Engine(server), request, cancel.Token));
        await Eventually.HoldsAsync(() => server.Abandoned == 3, "the service sees its clients leave");
    }

    [Fact]
    public async Task Auto_takes_a_side_file_first_then_this_engine_then_the_draft()
    {
        await using var server = await TranscriptionServer.StartAsync();
        var (request, _) = await SpeechAsync(5);
        var selector = SpeechTools.Selector(SpeechTools.Embedded, Engine(server), SpeechTools.PocketSphinx);
        Assert.Equal("openai", (await selector.SelectAsync(request, null, default)).Name);
        Assert.Equal("openai", (await selector.SelectAsync(request with { Language = "de" }, null, default)).Name);
        await File.WriteAllTextAsync(_folder["side.vtt"], "WEBVTT\n\n00:01.000 --> 00:02.000\none\n");
        Assert.Equal("embedded", (await selector.SelectAsync(request with { SideFilePath = _folder["side.vtt"] }, null, default)).Name);

        var unset = SpeechTools.OpenAi(new OpenAiOptions());
        Assert.Contains("Set Transcription:OpenAi:ApiKey", await unset.FindObstacleAsync(request, default), StringComparison.Ordinal);
        if (Requirement.FindProgram("pocketsphinx_batch") is not null)
            Assert.Equal(
                "pocketsphinx",
                (await SpeechTools.Selector(SpeechTools.Embedded, unset, SpeechTools.PocketSphinx).SelectAsync(request, null, default)).Name
            );
    }

    [Theory]
    [InlineData("ftp://host/v1", null, "must be an http or https address")]
    [InlineData("host/v1", null, "must be an http or https address")]
    [InlineData("http://host/v1?x=1", null, "must be an http or https address")]
    [InlineData(null, "sk 1\n", "copy it again")]
    public void Malformed_settings_are_named(string? baseUrl, string? apiKey, string sentence)
    {
        var options = new OpenAiOptions { BaseUrl = baseUrl, ApiKey = apiKey };
        var problems = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true));
        Assert.Contains(sentence, Assert.Single(problems).ErrorMessage, StringComparison.Ordinal);
    }

    private static string Word(int number) => number % 5 == 4 ? $"w{number}." : $"w{number}";

    private static IEnumerable<string> WordsOf(IEnumerable<TranscribedCue> cues) => cues.SelectMany(c => Regex.Split(c.Text, @"\s"));

    private static OpenAiTranscriber Engine(TranscriptionServer server, Action<OpenAiOptions>? change = null) =>
        SpeechTools.OpenAi(Options(server.BaseUrl, change));

    private static OpenAiOptions Options(string baseUrl, Action<OpenAiOptions>? change = null)
    {
        var options = new OpenAiOptions
        {
            BaseUrl = baseUrl,
            ApiKey = TranscriptionServer.Key,
            SegmentDuration = TimeSpan.FromSeconds(4),
            RetryDelay = TimeSpan.FromMilliseconds(10),
            MaxRetryDelay = TimeSpan.FromSeconds(5),
        };
        change?.Invoke(options);
        return options;
    }

    private async Task<TranscriptionException> FailAsync(TranscriptionServer server, Action<OpenAiOptions> change)
    {
        var (request, _) = await SpeechAsync(10);
        return await Assert.ThrowsAsync<TranscriptionException>(() => SpeechTools.RunAsync(Engine(server, change), request));
    }

    private async Task<(TranscriptionRequest Request, IReadOnlyList<long> Starts)> SpeechAsync(int words = Words)
    {
        SpeechTools.Require("ffmpeg", "ffprobe");
        var starts = await ToneSpeech.WriteAsync(_folder["speech.wav"], words);
        return (new TranscriptionRequest(_folder["speech.wav"], null, "en-US"), starts);
    }
}
