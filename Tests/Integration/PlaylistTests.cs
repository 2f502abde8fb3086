using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Subtitles.Media;
using Subtitles.Media.Hls;
using Subtitles.Transcription;
using Subtitles.Transcription.OpenAi;
using Tests.Fixtures;

namespace Tests.Integration;

/// <summary>HLS, whole and live, well-meant and hostile.</summary>
public sealed class PlaylistTests : IAsyncLifetime
{
    private const int Words = 20;

    private readonly TemporaryFolder _folder = new();
    private readonly MediaOptions _allowed = new() { AllowedHosts = [PlaylistServer.Allowed] };
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
        Assert.Contains(
            "The playlist names an address that is not allowed. The source is at a private address",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.False(failure.IsTransient);
        Assert.Empty(_server.ForbiddenRequests);
    }

    [Fact]
    public async Task No_protocol_of_the_installed_ffmpeg_is_spoken_to_any_address_wherever_a_playlist_names_it()
    {
        await CutAsync("secret.ts");
        using var trap = new TcpListener(IPAddress.Parse(PlaylistServer.Forbidden), 0);
        trap.Start();
        var place = $"{trap.LocalEndpoint}";
        var protocols = await ReadProtocolsAsync();
        Assert.Contains("httpproxy", protocols);
        string[] positions =
        [
            "#EXTINF:2,\n{0}\n",
            "#EXT-X-KEY:METHOD=AES-128,URI=\"{0}\"\n#EXTINF:2,\n{allowed}secret.ts\n",
            "#EXT-X-MAP:URI=\"{0}\"\n#EXTINF:2,\n{allowed}secret.ts\n",
            "#EXT-X-STREAM-INF:BANDWIDTH=1\n{0}\n",
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"{0}\"\n"
                + "#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\"\n{allowed}secret.ts\n",
        ];
        foreach (var address in protocols.Select(p => $"{p}://{place}/x:1/y.ts"))
        {
            foreach (var position in positions)
                await RefuseAsync(position.Replace("{0}", address, StringComparison.Ordinal));
            _server.RedirectsTo = address;
            await RefuseAsync("#EXTINF:2,\n{allowed}redirected\n");
        }
        Assert.False(trap.Pending(), "Somebody connected.");

        async Task RefuseAsync(string lines)
        {
            _server.Playlists["hostile.m3u8"] = Fill(lines);
            var refusal = await Assert.ThrowsAnyAsync<Exception>(() =>
                SpeechTools
                    .Playlists(_allowed)
                    .CopyToAsync(new Uri(_server.Address, "hostile.m3u8"), null, TimeSpan.FromHours(1), Stream.Null, default)
            );
            Assert.True(refusal is SourceAddressException or MediaFetchException { IsTransient: false }, refusal.Message);
        }
    }

    [Fact]
    public async Task Encrypted_pieces_and_parts_of_a_file_are_heard()
    {
        var pieces = await CutAsync();
        byte[] key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        await File.WriteAllBytesAsync(_folder["key"], key);
        using var aes = Aes.Create();
        aes.Key = key;
        var whole = new MemoryStream();
        var list = new StringBuilder("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n");
        for (var i = 0; i < pieces.Length; i++)
        {
            var iv = new byte[16];
            iv[15] = (byte)(7 + i);
            var cipher = aes.EncryptCbc(await File.ReadAllBytesAsync(_folder[pieces[i]]), iv);
            list.Append(CultureInfo.InvariantCulture, $"#EXTINF:1,\n#EXT-X-BYTERANGE:{cipher.Length}{(i == 0 ? "@0" : "")}\nall.bin\n");
            whole.Write(cipher);
        }
        await File.WriteAllBytesAsync(_folder["all.bin"], whole.ToArray());
        _server.Playlists["list.m3u8"] = list.Append("#EXT-X-ENDLIST\n").ToString();
        AssertWords(SpeechTools.Cues(await SpeechTools.RunAsync(Engine(), Request("list.m3u8", isLive: false))));
    }

    [Fact]
    public async Task A_fragmented_film_is_heard_by_its_rendition_of_sound()
    {
        SpeechTools.Require("ffmpeg");
        await ToneSpeech.WriteAsync(_folder["speech.wav"], Words);
        await SpeechTools.MakeAsync(
            "-i",
            _folder["speech.wav"],
            "-c:a",
            "aac",
            "-b:a",
            "160k",
            "-f",
            "hls",
            "-hls_time",
            "1",
            "-hls_segment_type",
            "fmp4",
            "-hls_list_size",
            "0",
            "-hls_playlist_type",
            "vod",
            _folder["sound.m3u8"]
        );
        _server.Playlists["sound.m3u8"] = await File.ReadAllTextAsync(_folder["sound.m3u8"]);
        _server.Playlists["main.m3u8"] =
            "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"Deutsch\",LANGUAGE=\"de\",DEFAULT=YES,URI=\"none.m3u8\"\n"
            + "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"English\",LANGUAGE=\"eng\",URI=\"sound.m3u8\"\n"
            + "#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS=\"avc1.42e01e,mp4a.40.2\",AUDIO=\"a\"\nfilm.m3u8\n";
        AssertWords(SpeechTools.Cues(await SpeechTools.RunAsync(Engine(), Request("main.m3u8", isLive: false))));
    }

    [Fact]
    public async Task A_live_source_that_drips_or_brings_nothing_new_does_not_hold_a_worker()
    {
        var pieces = await CutAsync();
        var reader = new HlsReader(new GuardedClient(new SourceAddressGuard(Options.Create(_allowed)), 5), TimeProvider.System)
        {
            SilenceLimit = TimeSpan.FromSeconds(2),
            Slack = TimeSpan.FromSeconds(1),
        };
        _server.Playlists["stuck.m3u8"] = PlaylistOf(pieces[..3], isWhole: false);
        _server.Playlists["drip.m3u8"] = PlaylistOf(["drip"], isWhole: true);
        foreach (var name in new[] { "stuck.m3u8", "drip.m3u8" })
        {
            var failure = await Assert.ThrowsAsync<MediaFetchException>(() =>
                reader
                    .CopyToAsync(new Uri(_server.Address, name), null, TimeSpan.FromHours(1), Stream.Null, default)
                    .WaitAsync(TimeSpan.FromSeconds(20))
            );
            Assert.True(failure.IsTransient);
        }
    }

    [Theory]
    [InlineData("#EXTINF:2,\n{file}\n")]
    [InlineData("#EXTINF:2,\nfile://{file}\n")]
    [InlineData("#EXTINF:2,\nconcat:{file}|{file}\n")]
    [InlineData("#EXTINF:2,\nsubfile,,start,0,end,0,,:{file}\n")]
    [InlineData("#EXTINF:2,\ntcp://127.0.0.2:{port}\n")]
    [InlineData("#EXTINF:2,\nhttpproxy://127.0.0.2:{port}/x:1/y.ts\n")]
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

    private static async Task<string[]> ReadProtocolsAsync()
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-hide_banner", "-protocols"]) { RedirectStandardOutput = true })!;
        var text = await ffmpeg.StandardOutput.ReadToEndAsync();
        await ffmpeg.WaitForExitAsync();
        string[] known =
        [
            .. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(l => !l.EndsWith(':'))
                .Distinct(),
        ];
        // Those two are what the guard looks at.
        return [.. known.Except(["http", "https"])];
    }

    private async Task<TranscriptionException> FailAsync(string lines)
    {
        _server.Playlists["hostile.m3u8"] = Fill(lines);
        return await Assert.ThrowsAsync<TranscriptionException>(() =>
            SpeechTools.RunAsync(Engine(), Request("hostile.m3u8", isLive: false))
        );
    }

    private string Fill(string lines) =>
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
        + lines
            .Replace("{forbidden}", _server.ForbiddenAddress.ToString(), StringComparison.Ordinal)
            .Replace("{allowed}", _server.Address.ToString(), StringComparison.Ordinal)
            .Replace("{port}", $"{_server.ForbiddenAddress.Port}", StringComparison.Ordinal)
            .Replace("{file}", _folder["secret.ts"], StringComparison.Ordinal)
        + "#EXT-X-ENDLIST\n";

    private static void AssertWords(List<TranscribedCue> cues)
    {
        Assert.Equal(
            Enumerable.Range(0, Words).Select(i => $"w{i}{(i % 5 == 4 ? "." : "")}"),
            cues.SelectMany(c => Regex.Split(c.Text, @"\s"))
        );
        Assert.All(cues.Zip(cues.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.StartMs));
    }

    private TranscriptionRequest Request(string name, bool isLive) =>
        new("", null, "en") { Playlist = new Playlist(new Uri(_server.Address, name), isLive) };

    private OpenAiTranscriber Engine() =>
        SpeechTools.OpenAi(new OpenAiOptions { BaseUrl = _service.BaseUrl, ApiKey = TranscriptionServer.Key }, SpeechTools.Tools(_allowed));

    private static string PlaylistOf(IEnumerable<string> pieces, bool isWhole) =>
        $"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n"
        + string.Concat(pieces.Select(p => $"#EXTINF:1.0,\n{p}\n"))
        + (isWhole ? "#EXT-X-ENDLIST\n" : "");

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
        await SpeechTools.MakeAsync(
            "-i",
            _folder["speech.wav"],
            "-c:a",
            "mp2",
            "-b:a",
            "160k",
            "-f",
            "segment",
            "-segment_time",
            "1",
            "-segment_format",
            "mpegts",
            _folder["piece%03d.ts"]
        );
        return [.. Directory.GetFiles(_folder.Path, "piece*.ts").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
    }
}
