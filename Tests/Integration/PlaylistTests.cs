using System.Text.RegularExpressions;
using Subtitles.Media;
using Subtitles.Transcription;
using Subtitles.Transcription.OpenAi;
using Tests.Fixtures;

namespace Tests.Integration;

/// <summary>HLS, whole and live, well-meant and hostile.</summary>
public sealed class PlaylistTests : IAsyncLifetime
{
    private const int Words = 20;

    private readonly TemporaryFolder _folder = new();
    private PlaylistServer _server = null!;
    private TranscriptionServer _service = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PlaylistServer.StartAsync(_folder.Path);
        _service = await TranscriptionServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_whole_playlist_gives_all_its_words()
    {
        var pieces = await CutAsync();
        _server.Playlists["list.m3u8"] = PlaylistOf(pieces, isWhole: true);
        _server.Playlists["main.m3u8"] = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000\nlist.m3u8\n";
        var cues = SpeechTools.Cues(await SpeechTools.RunAsync(Engine(), Request("main.m3u8", isLive: false)));
        AssertWords(cues);
        Assert.Empty(_server.ForbiddenRequests);
    }

    [Fact]
    public async Task A_live_source_gives_its_cues_while_it_runs_and_ends_with_it()
    {
        var pieces = await CutAsync();
        _server.Playlists["live.m3u8"] = PlaylistOf(pieces[..3], isWhole: false);
        var cues = new List<TranscribedCue>();
        await foreach (var update in Engine().TranscribeAsync(Request("live.m3u8", isLive: true), TestContext.Current.CancellationToken))
        {
            if (update.Cue is not { } cue)
                continue;
            // The rest is made only once the first cue is there: a source is not waited out.
            if (cues.Count == 0)
                _server.Playlists["live.m3u8"] = PlaylistOf(pieces, isWhole: true);
            cues.Add(cue);
        }
        AssertWords(cues);
    }

    [Theory]
    [InlineData("#EXTINF:2,\n{forbidden}secret.ts\n")]
    [InlineData("#EXTINF:2,\n{allowed}away/secret.ts\n")]
    [InlineData("#EXT-X-KEY:METHOD=AES-128,URI=\"{forbidden}key\"\n#EXTINF:2,\n{allowed}secret.ts\n")]
    [InlineData("#EXT-X-MAP:URI=\"{forbidden}secret.ts\"\n#EXTINF:2,\n{allowed}secret.ts\n")]
    [InlineData("#EXT-X-STREAM-INF:BANDWIDTH=1\n{forbidden}list.m3u8\n")]
    [InlineData("#EXTINF:2,\nhttp://localhost:{port}/secret.ts\n")]
    [InlineData("#EXTINF:2,\nhttp://2130706434:{port}/secret.ts\n")]
    [InlineData("#EXTINF:2,\nhttp://[::ffff:127.0.0.2]:{port}/secret.ts\n")]
    public async Task What_may_not_be_a_source_is_not_reached_through_a_playlist(string lines)
    {
        await CutAsync("secret.ts");
        var failure = await FailAsync(lines);
        Assert.Contains("The playlist names an address that is not allowed. The source is at a private address", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
        Assert.Empty(_server.ForbiddenRequests);
    }

    [Theory]
    [InlineData("#EXTINF:2,\n{file}\n")]
    [InlineData("#EXTINF:2,\nfile://{file}\n")]
    [InlineData("#EXTINF:2,\nconcat:{file}|{file}\n")]
    [InlineData("#EXTINF:2,\nsubfile,,start,0,end,0,,:{file}\n")]
    [InlineData("#EXTINF:2,\ntcp://127.0.0.2:{port}\n")]
    [InlineData("#EXTINF:2,\ncrypto:{file}\n")]
    [InlineData("#EXTINF:2,\ndata:text/plain,hello\n")]
    [InlineData("")]
    public async Task Files_and_other_protocols_are_not_reached_either(string lines)
    {
        await CutAsync("secret.ts");
        var failure = await FailAsync(lines);
        Assert.Contains("playlist", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, _service.Requests);
    }

    private async Task<TranscriptionException> FailAsync(string lines)
    {
        _server.Playlists["hostile.m3u8"] = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n" + lines
            .Replace("{forbidden}", _server.ForbiddenAddress.ToString(), StringComparison.Ordinal)
            .Replace("{allowed}", _server.Address.ToString(), StringComparison.Ordinal)
            .Replace("{port}", $"{_server.ForbiddenAddress.Port}", StringComparison.Ordinal)
            .Replace("{file}", _folder["secret.ts"], StringComparison.Ordinal) + "#EXT-X-ENDLIST\n";
        return await Assert.ThrowsAsync<TranscriptionException>(() => SpeechTools.RunAsync(Engine(), Request("hostile.m3u8", isLive: false)));
    }

    private static void AssertWords(List<TranscribedCue> cues)
    {
        Assert.Equal(Enumerable.Range(0, Words).Select(i => $"w{i}{(i % 5 == 4 ? "." : "")}"), cues.SelectMany(c => Regex.Split(c.Text, @"\s")));
        Assert.All(cues.Zip(cues.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.StartMs));
    }

    private TranscriptionRequest Request(string name, bool isLive) => new("", null, "en") { Playlist = new Playlist(new Uri(_server.Address, name), isLive) };

    private OpenAiTranscriber Engine() =>
        SpeechTools.OpenAi(
            new OpenAiOptions { BaseUrl = _service.BaseUrl, ApiKey = TranscriptionServer.Key },
            SpeechTools.Tools(new MediaOptions { AllowedHosts = [PlaylistServer.Allowed] }));

    private static string PlaylistOf(IEnumerable<string> pieces, bool isWhole) =>
        $"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n{string.Concat(pieces.Select(p => $"#EXTINF:1.0,\n{p}\n"))}{(isWhole ? "#EXT-X-ENDLIST\n" : "")}";

    /// <summary>Speech in pieces of a second, or in one with a name.</summary>
    private async Task<string[]> CutAsync(string? name = null)
    {
        SpeechTools.Require("ffmpeg");
        await ToneSpeech.WriteAsync(_folder["speech.wav"], name is null ? Words : 5);
        if (name is not null)
        {
            await SpeechTools.MakeAsync("-i", _folder["speech.wav"], "-c:a", "mp2", "-f", "mpegts", _folder[name]);
            return [name];
        }
        await SpeechTools.MakeAsync("-i", _folder["speech.wav"], "-c:a", "mp2", "-b:a", "160k", "-f", "segment", "-segment_time", "1", "-segment_format", "mpegts", _folder["piece%03d.ts"]);
        return [.. Directory.GetFiles(_folder.Path, "piece*.ts").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
    }
}
