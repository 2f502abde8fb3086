using System.Text;
using System.Text.Json;
using Subtitles.Cues;
using Subtitles.Formats;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>Writer and reader of WebVTT against the parser that the files are for: the browser's own.</summary>
public sealed class SubtitleParserTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Alphabet = "abc &<>-/{}.:,;#0123456789\n\u00E4\u4E2D";

    private const string Parse = """
        async file => {
            const video = document.createElement('video');
            const track = document.createElement('track');
            track.src = URL.createObjectURL(new Blob([file], { type: 'text/vtt' }));
            video.append(track);
            document.body.append(video);
            await new Promise((resolve, reject) => {
              track.onload = resolve;
              track.onerror = () => reject('not read');
              track.track.mode = 'hidden';
            });
            const ms = seconds => Math.round(seconds * 1000);
            const cues = [...track.track.cues]
              .map(c => ({ id: c.id, start: ms(c.startTime), end: ms(c.endTime), text: c.getCueAsHTML().textContent }));
            video.remove();
            return JSON.stringify(cues);
        }
        """;

    [Fact]
    public async Task What_is_written_is_what_a_browser_reads()
    {
        await using var window = await chromium.OpenAsync(new Uri("http://localhost/"));
        var random = new Random(21);
        for (var round = 0; round < 20; round++)
        {
            var cues = RandomCues(random);
            var read = await ReadAsync(window, WebVtt.Write(cues));
            Assert.Equal(
                cues.Select(c => (c.CueId, c.StartMs, c.EndMs, CueText.Normalize(c.Text))),
                read.Select(c => (c.Id, c.Start, c.End, c.Text))
            );
        }
    }

    [Fact]
    public async Task A_file_is_read_as_a_browser_reads_it()
    {
        string[] files =
        [
            "WEBVTT\n\n00:01.000 --> 00:02.000\none\n",
            "\uFEFFWEBVTT with a title\r\nKind: captions\r\n\r\nfirst\r\n00:00:01.000 --> 100:00:02.500 align:start "
                + "position:10%\r\none\r\ntwo\r\n\r\n",
            "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE a comment\nof two lines\n\nREGION\nid:r\n\n1\n00:01.000 --> 00:02.000\n<v Mary "
                + "Ann>Hello <i.loud>you</i> &amp; <00:01.500>me &lt;3 &nbsp;&lrm;</v>\n",
            "WEBVTT\n00:01.000 --> 00:02.000\nat once\n\nNOTE\n00:03.000 --> 00:04.000\nno comment\n00:05.000 --> 00:06.000\nno blank "
                + "line before\n",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nunclosed <b tag\n\n00:03.000 --> 00:04.000\n1 &lt; 2 &unknown; & so\n",
        ];
        await using var window = await chromium.OpenAsync(new Uri("http://localhost/"));
        foreach (var file in files)
        {
            var theirs = await ReadAsync(window, file);
            Assert.NotEmpty(theirs);
            Assert.Equal(
                theirs.Select(c => (c.Start, c.End, CueText.Normalize(c.Text))),
                WebVtt.Parse(file).Select(c => (c.StartMs, c.EndMs, c.Text))
            );
        }
    }

    private static async Task<ReadCue[]> ReadAsync(Window window, string file) =>
        JsonSerializer.Deserialize<ReadCue[]>(await window.EvaluateAsync<string>(Parse, file), JsonSerializerOptions.Web)!;

    private static List<Cue> RandomCues(Random random)
    {
        var cues = new List<Cue>();
        var start = 0L;
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            start += random.Next(1, 500_000);
            var text = new StringBuilder("t");
            for (var c = random.Next(0, 40); c > 0; c--)
                text.Append(random.Next(12) == 0 ? "-->" : Alphabet[random.Next(Alphabet.Length)].ToString());
            cues.Add(new Cue(CueIds.At(cues.Count), 1, CueState.Final, start, start + random.Next(1, 10_000), text.ToString()));
        }
        return cues;
    }

    private sealed record ReadCue(string Id, long Start, long End, string Text);
}
