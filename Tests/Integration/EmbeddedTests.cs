using Subtitles.Cues;
using Subtitles.Formats;
using Subtitles.Media;
using Subtitles.Transcription;
using Subtitles.Transcription.Embedded;
using Subtitles.Transcription.PocketSphinx;
using Subtitles.Transcription.Tools;
using Tests.Fixtures;

namespace Tests.Integration;

/// <summary>Side files, tracks in media, and the choice between engines.</summary>
public sealed class EmbeddedTests : IDisposable
{
    private const string SideFileText =
        "WEBVTT\n\n00:01.000 --> 00:05.000\none\n\n00:02.000 --> 00:03.000\ntwo\n\n00:06.000 --> 00:07.000\nthree <b>bold</b>\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SideFileText)]
    [InlineData(
        "\uFEFF1\r\n00:00:02,000 --> 00:00:03,000\r\ntwo\r\n\r\n2\r\n00:00:01,000 --> 00:00:05,000\r\none\r\n\r\n3\r\n00:00:06,000 --> "
            + "00:00:07,000\r\nthree <b>bold</b>\r\n"
    )]
    public async Task A_side_file_of_either_format_gives_its_cues_in_order_whatever_its_name(string content)
    {
        var request = await RequestAsync(content, "subtitles.txt");
        Assert.Equal(
            ["one", "two", "three bold"],
            SpeechTools.Cues(await SpeechTools.RunAsync(SpeechTools.Embedded, request)).Select(c => c.Text)
        );
        Assert.Same(SpeechTools.Embedded, await SpeechTools.Selector().SelectAsync(request, null, default));
    }

    [Fact]
    public async Task An_attempt_that_goes_on_loses_no_overlapping_cue()
    {
        var request = await RequestAsync(SideFileText) with { ResumeAfter = new ResumePoint(1, 0, 5000) };
        Assert.Equal(
            ["two", "three bold"],
            SpeechTools.Cues(await SpeechTools.RunAsync(SpeechTools.Embedded, request)).Select(c => c.Text)
        );
    }

    [Fact]
    public async Task A_malformed_side_file_fails_with_its_line()
    {
        var failure = await Assert.ThrowsAsync<TranscriptionException>(async () =>
            await SpeechTools.RunAsync(SpeechTools.Embedded, await RequestAsync("1\n00:00:02,000 --> 00:00:01,000\nx"))
        );
        Assert.Contains("Line 2", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    [InlineData("latin1", false)]
    public async Task A_side_file_in_any_usual_encoding_is_taken_at_the_door_and_read_alike(string encoding, bool isMarked)
    {
        foreach (var text in new[] { "1\n00:00:01,000-->00:00:02,000\ncafé\n", "WEBVTT\n\n00:01.000-->00:02.000\ncafé\n" })
        {
            var request = await RequestAsync("");
            var code = System.Text.Encoding.GetEncoding(encoding);
            byte[] bytes = [.. isMarked ? code.GetPreamble() : [], .. code.GetBytes(text)];
            Assert.Equal(text[0] == 'W' ? ".vtt" : ".srt", MediaFormat.DetectSideFile(bytes));
            await File.WriteAllBytesAsync(request.SideFilePath!, bytes);
            Assert.Equal("café", SpeechTools.Cues(await SpeechTools.RunAsync(SpeechTools.Embedded, request)).Single().Text);
        }
    }

    [Theory]
    [InlineData(
        "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:0x.000 --> 00:04.000\nbroken\n\nno cue at all\n\n00:05.000 --> 00:06.000\ntwo\n",
        "Line 6:",
        "Line 9:"
    )]
    [InlineData(
        "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n00:00:04,000 --> 00:00:03,000\nbroken\n\n3\n00:00:0x,000 --> "
            + "00:00:04,000\nbroken\n\n4\n00:00:05,000 --> 00:00:06,000\ntwo\n",
        "Line 6:",
        "Line 10:"
    )]
    public async Task A_cue_that_is_broken_is_passed_over_and_told_of(string text, string first, string second)
    {
        var request = await RequestAsync(text);
        Assert.Equal(["one", "two"], SpeechTools.Cues(await SpeechTools.RunAsync(SpeechTools.Embedded, request)).Select(c => c.Text));
        var faults = SideFile.Read(request.SideFilePath!).Faults;
        Assert.StartsWith(first, faults[0], StringComparison.Ordinal);
        Assert.StartsWith(second, faults[^1], StringComparison.Ordinal);
        Assert.Equal(2, faults.Count);
    }

    [Fact]
    public async Task A_language_that_is_to_be_detected_is_refused_where_the_engine_cannot_and_takes_any_written_track()
    {
        Assert.Contains(
            "English only",
            await SpeechTools.PocketSphinx.FindObstacleAsync(new TranscriptionRequest("", null, "auto"), default),
            StringComparison.Ordinal
        );
        Assert.Null(await SpeechTools.Embedded.FindObstacleAsync(await RequestAsync(SideFileText) with { Language = "auto" }, default));
    }

    [Fact]
    public async Task A_forced_track_is_not_taken_for_the_subtitles()
    {
        SpeechTools.Require("ffmpeg", "ffprobe");
        await File.WriteAllTextAsync(_folder["track.srt"], "1\n00:00:01,000 --> 00:00:02,000\n[in Elvish]\n");
        await SpeechTools.MakeAsync(
            "-f",
            "lavfi",
            "-i",
            "color=size=64x64:rate=5:duration=4",
            "-i",
            _folder["track.srt"],
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "mpeg4",
            "-c:s",
            "srt",
            "-metadata:s:s:0",
            "language=eng",
            "-disposition:s:0",
            "forced",
            _folder["film.mkv"]
        );
        Assert.NotNull(await SpeechTools.Embedded.FindObstacleAsync(new TranscriptionRequest(_folder["film.mkv"], null, "en"), default));
    }

    [Theory]
    [InlineData("mkv", "srt")]
    [InlineData("mp4", "mov_text")]
    [InlineData("webm", "webvtt")]
    public async Task A_track_in_the_media_is_taken_in_the_right_language(string container, string codec)
    {
        SpeechTools.Require("ffmpeg", "ffprobe");
        var cues = WebVtt.Parse("WEBVTT\n\n00:01.000 --> 00:02.000\nHello &amp; you\n\n00:02.500 --> 00:03.500\nsecond\nline\n");
        await File.WriteAllTextAsync(_folder["track.srt"], SubRip.Write(cues));
        var media = _folder["film." + container];
        await SpeechTools.MakeAsync(
            "-f",
            "lavfi",
            "-i",
            "color=size=64x64:rate=5:duration=4",
            "-i",
            _folder["track.srt"],
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            container == "webm" ? "vp8" : "mpeg4",
            "-c:s",
            codec,
            "-metadata:s:s:0",
            "language=fre",
            media
        );

        var french = new TranscriptionRequest(media, null, "fr");
        Assert.Same(SpeechTools.Embedded, await SpeechTools.Selector().SelectAsync(french, null, default));
        Assert.Equal(
            [(1000L, 2000L, "Hello & you"), (2500L, 3500L, "second\nline")],
            SpeechTools.Cues(await SpeechTools.RunAsync(SpeechTools.Embedded, french)).Select(c => (c.StartMs, c.EndMs, c.Text))
        );

        var refusal = await Assert.ThrowsAsync<TranscriptionException>(() =>
            SpeechTools.Selector().SelectAsync(french with { Language = "de" }, null, default)
        );
        Assert.Contains("'de'", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
    }

    [Fact]
    public async Task What_is_no_media_is_refused_in_a_sentence_without_a_path()
    {
        SpeechTools.Require("ffprobe");
        var path = _folder["film.mp4"];
        await File.WriteAllBytesAsync(path, new byte[5000]);
        var refusal = await Assert.ThrowsAsync<TranscriptionException>(() =>
            SpeechTools.Selector().SelectAsync(new TranscriptionRequest(path, null, "en"), null, default)
        );
        Assert.Contains("not video or sound", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{0}\n#EXT-X-ENDLIST\n", "film.m3u8")]
    [InlineData("ffconcat version 1.0\nfile '{0}'\n", "film.txt")]
    public async Task A_playlist_that_names_another_file_is_not_media(string playlist, string name)
    {
        SpeechTools.Require("ffmpeg", "ffprobe");
        await SpeechTools.MakeAsync("-f", "lavfi", "-i", "sine=duration=2", _folder["secret.ts"]);
        await File.WriteAllTextAsync(_folder[name], playlist.Replace("{0}", "secret.ts", StringComparison.Ordinal));
        await Assert.ThrowsAsync<TranscriptionException>(() =>
            SpeechTools.PocketSphinx.FindObstacleAsync(new TranscriptionRequest(_folder[name], null, "en"), default)
        );
    }

    [Fact]
    public async Task A_film_without_sound_and_subtitles_fails_at_once_with_what_to_do()
    {
        SpeechTools.Require("ffmpeg", "ffprobe");
        await SpeechTools.MakeAsync("-f", "lavfi", "-i", "color=size=64x64:rate=5:duration=1", _folder["mute.webm"]);
        var refusal = await Assert.ThrowsAsync<TranscriptionException>(() =>
            SpeechTools.Selector().SelectAsync(new TranscriptionRequest(_folder["mute.webm"], null, "en"), null, default)
        );
        Assert.Contains("embedded: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("pocketsphinx: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_installed_the_failure_says_what_to_install_and_a_side_file_still_works()
    {
        var options = Microsoft.Extensions.Options.Options.Create(
            new TranscriptionOptions
            {
                Ffmpeg = "no-such-ffmpeg",
                Ffprobe = "no-such-ffprobe",
                PocketSphinx = "no-such-pocketsphinx",
                PocketSphinxModel = _folder["no-model"],
            }
        );
        var tools = new MediaTools(options, SpeechTools.Playlists(new MediaOptions()));
        var selector = new TranscriberSelector([new EmbeddedTranscriber(tools), new PocketSphinxTranscriber(tools, options)], options);
        var refusal = await Assert.ThrowsAsync<TranscriptionException>(() =>
            selector.SelectAsync(new TranscriptionRequest(_folder["a.webm"], null, "en"), null, default)
        );
        Assert.Contains(
            "Install ffmpeg, pocketsphinx, pocketsphinx-en-us (on Debian: apt-get install ffmpeg pocketsphinx pocketsphinx-en-us)",
            refusal.Message,
            StringComparison.Ordinal
        );
        Assert.False(refusal.IsTransient);
        Assert.Equal("embedded", (await selector.SelectAsync(await RequestAsync(SideFileText), null, default)).Name);
    }

    [Fact]
    public async Task An_engine_that_was_asked_for_by_name_is_not_replaced()
    {
        var refusal = await Assert.ThrowsAsync<TranscriptionException>(async () =>
            await SpeechTools.Selector("pocketsphinx").SelectAsync(await RequestAsync(SideFileText) with { Language = "de" }, null, default)
        );
        Assert.Contains("English only", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutilated_media_is_transcribed_as_far_as_it_goes_or_refused()
    {
        SpeechTools.Require("ffmpeg", "ffprobe", "pocketsphinx_batch");
        await SpeechTools.MakeAsync("-f", "lavfi", "-i", "sine=duration=8", "-c:a", "libopus", _folder["whole.webm"]);
        var whole = await File.ReadAllBytesAsync(_folder["whole.webm"]);
        var random = new Random(3);
        for (var round = 0; round < 12; round++)
        {
            var bytes = whole.AsSpan(0, random.Next(1, whole.Length)).ToArray();
            for (var i = random.Next(0, 40); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            await File.WriteAllBytesAsync(_folder["broken.webm"], bytes);
            var request = new TranscriptionRequest(_folder["broken.webm"], null, "en");
            try
            {
                var engine = await SpeechTools.Selector().SelectAsync(request, null, default);
                Assert.Equal(100, (await SpeechTools.RunAsync(engine, request))[^1].Percent);
            }
            catch (TranscriptionException refusal)
            {
                Assert.False(refusal.IsTransient, refusal.Message);
                Assert.DoesNotContain(_folder.Path, refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task The_engine_that_began_a_job_goes_on_or_another_worker_tries()
    {
        var request = await RequestAsync(SideFileText);
        Assert.Same(SpeechTools.Embedded, await SpeechTools.Selector().SelectAsync(request, "embedded", default));
        Assert.True(
            (
                await Assert.ThrowsAsync<TranscriptionException>(() => SpeechTools.Selector().SelectAsync(request, "openai", default))
            ).IsTransient
        );
    }

    [Fact]
    public async Task The_written_files_are_what_ffmpeg_reads()
    {
        SpeechTools.Require("ffmpeg");
        Cue[] cues =
        [
            new("c0001", 1, CueState.Final, 1005, 2500, "one & two"),
            new("c0002", 1, CueState.Final, 3_723_004, 3_724_000, "first line\nsecond line"),
        ];
        await File.WriteAllTextAsync(_folder["a.vtt"], WebVtt.Write(cues));
        await File.WriteAllTextAsync(_folder["a.srt"], SubRip.Write(cues));
        foreach (var name in new[] { "a.vtt", "a.srt" })
        {
            await SpeechTools.MakeAsync("-i", _folder[name], _folder[name + ".out.srt"]);
            Assert.Equal(
                "1\n00:00:01,005 --> 00:00:02,500\none & two\n\n2\n01:02:03,004 --> 01:02:04,000\nfirst line\nsecond line\n\n",
                (await File.ReadAllTextAsync(_folder[name + ".out.srt"])).ReplaceLineEndings("\n")
            );
        }
    }

    private async Task<TranscriptionRequest> RequestAsync(string sideFile, string name = "side.vtt")
    {
        await File.WriteAllTextAsync(_folder[name], sideFile);
        return new TranscriptionRequest(_folder["none.webm"], _folder[name], "en");
    }
}
