using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Subtitles.Cues;
using Subtitles.Formats;
using Subtitles.Media;
using Subtitles.Media.Hls;

namespace Subtitles.Transcription.Tools;

/// <summary>
/// ffmpeg and ffprobe, called so that media from strangers can do no harm: they open no addresses and no playlists (which could name other
/// files), only the one file that they are given, or their standard input, and time and output are limited. What a playlist names is
/// fetched by this process.
/// </summary>
internal sealed class MediaTools(IOptions<TranscriptionOptions> options, HlsReader playlists)
{
    /// <summary>Samples a second of <see cref="OpenSound"/>.</summary>
    public const int SampleRate = 16_000;

    private const int MaxProbeBytes = 1024 * 1024;

    // Containers only. Playlist formats (hls, concat, dash …) are left out: they name other files, and a text that names /etc/passwd is a
    // valid playlist.
    private const string Containers =
        "aac,ac3,aiff,amr,asf,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,mp3,mpeg,mpegts,mpegvideo,ogg,w64,wav";

    // How much of a live source is looked at before its sound comes, in microseconds: viewers wait for it.
    private const string StreamAnalysis = "1000000";

    private static readonly HashSet<string> TextCodecs = ["subrip", "webvtt", "mov_text", "ass", "ssa", "text"];

    private readonly TranscriptionOptions _options = options.Value;

    /// <summary>The programs of these that are not installed.</summary>
    public IEnumerable<string> Missing => ProgramFinder.Exists(_options.Ffmpeg) && ProgramFinder.Exists(_options.Ffprobe) ? [] : ["ffmpeg"];

    /// <summary>What the header says; of a playlist, and of media that is sent live, nothing is known but that there should be
    /// sound.</summary>
    /// <exception cref="TranscriptionException">The file is not media, or too long.</exception>
    public async Task<MediaInfo> ProbeAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
        request is { Playlist: null, Live: null }
            ? await ProbeAsync(request.MediaPath, cancellationToken)
            : new MediaInfo(null, HasSound: true, []);

    /// <exception cref="TranscriptionException">The file is not media, or too long.</exception>
    public async Task<MediaInfo> ProbeAsync(string mediaPath, CancellationToken cancellationToken)
    {
        await using var process = ExternalProcess.Start(
            _options.Ffprobe,
            [
                .. Safe("file,pipe"),
                "-show_entries",
                "format=duration:stream=index,codec_type,codec_name:stream_tags=language:stream_disposition=forced",
                "-of",
                "json",
                "-i",
                ToUrl(mediaPath),
            ],
            _options.ToolTimeout,
            cancellationToken
        );
        process.Input.Close();
        var header = new MemoryStream();
        await CopyAsync(process.Output, header, MaxProbeBytes, cancellationToken);
        if (await process.WaitForExitAsync() != 0)
            throw NotMedia(process, mediaPath);
        var info = ReadHeader(header.ToArray());
        return info.Duration is { } duration && duration > _options.MaxMediaDuration
            ? throw new TranscriptionException(
                $"The media is {duration.TotalHours:0.#} hours long; at most {_options.MaxMediaDuration.TotalHours:0.#} are taken. Send "
                    + "it in parts."
            )
            : info;
    }

    /// <summary>The cues of a subtitle track.</summary>
    /// <exception cref="TranscriptionException">The track cannot be read.</exception>
    public async Task<IReadOnlyList<Cue>> ReadTextTrackAsync(string mediaPath, TextTrack track, CancellationToken cancellationToken)
    {
        await using var process = ExternalProcess.Start(
            _options.Ffmpeg,
            [
                "-nostdin",
                .. Safe("file,pipe"),
                "-i",
                ToUrl(mediaPath),
                "-map",
                string.Create(CultureInfo.InvariantCulture, $"0:{track.StreamIndex}"),
                "-c:s",
                "srt",
                "-f",
                "srt",
                "pipe:1",
            ],
            _options.ToolTimeout,
            cancellationToken
        );
        process.Input.Close();
        var file = new MemoryStream();
        await CopyAsync(process.Output, file, SubtitleLimits.Default.MaxCharacters, cancellationToken);
        if (await process.WaitForExitAsync() != 0)
            throw NotMedia(process, mediaPath);
        file.Position = 0;
        try
        {
            // SubRip, for ffmpeg writes the text of WebVTT without escaping it.
            return SubRip.Parse(new StreamReader(file));
        }
        catch (SubtitleFormatException e)
        {
            throw new TranscriptionException($"The subtitle track of the media cannot be read. {e.Message}", e);
        }
    }

    /// <summary>Starts decoding the first sound track of a file, of a playlist, or of what is being sent.</summary>
    public SoundSource OpenSound(TranscriptionRequest request, CancellationToken cancellationToken) =>
        request switch
        {
            { Live: { } live } => OpenLive(live, cancellationToken),
            { Playlist: { } playlist } => OpenPlaylist(playlist, request.Language, cancellationToken),
            _ => OpenFile(request.MediaPath, cancellationToken),
        };

    private SoundSource OpenFile(string mediaPath, CancellationToken cancellationToken)
    {
        var process = StartDecoding([.. Safe("file,pipe"), "-i", ToUrl(mediaPath)], cancellationToken);
        process.Input.Close();
        return new SoundSource(process, failed => NotMedia(failed, mediaPath));
    }

    /// <summary>What is sent is kept, so an engine that is slower than it needs no buffer.</summary>
    private SoundSource OpenLive(LiveMedia live, CancellationToken cancellationToken)
    {
        var process = StartDecoding([.. Safe("pipe"), "-analyzeduration", StreamAnalysis, "-i", "pipe:0"], cancellationToken);
        return new SoundSource(
            process,
            failed => new TranscriptionException(
                $"What was sent is nothing whose sound ffmpeg can read as it comes{Verdict(failed)}. Send WebM, Ogg, MPEG-TS, WAV, MP3, "
                    + "AAC or fragmented MP4."
            ),
            live.CopyToAsync,
            cancellationToken: cancellationToken
        );
    }

    private SoundSource OpenPlaylist(Playlist playlist, string language, CancellationToken cancellationToken)
    {
        var process = StartDecoding([.. Safe("pipe"), "-analyzeduration", StreamAnalysis, "-i", "pipe:0"], cancellationToken);
        return new SoundSource(
            process,
            failed => NotMedia(failed, null),
            (input, token) => playlists.CopyToAsync(playlist.Address, language, _options.MaxMediaDuration, input, token),
            playlist.IsLive,
            cancellationToken
        );
    }

    private ExternalProcess StartDecoding(IEnumerable<string> input, CancellationToken cancellationToken) =>
        ExternalProcess.Start(
            _options.Ffmpeg,
            [
                "-nostdin",
                .. input,
                "-map",
                "0:a:0",
                "-t",
                _options.MaxMediaDuration.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
                "-ac",
                "1",
                "-ar",
                SampleRate.ToString(CultureInfo.InvariantCulture),
                "-c:a",
                "pcm_s16le",
                "-f",
                "s16le",
                // Else a second of sound waits until a buffer is full.
                "-flush_packets",
                "1",
                "pipe:1",
            ],
            // The reader sets the pace, so the limit only ends what would run forever.
            _options.MaxMediaDuration * 4,
            cancellationToken
        );

    private static IEnumerable<string> Safe(string protocols) =>
        ["-v", "error", "-protocol_whitelist", protocols, "-format_whitelist", Containers];

    // The prefix keeps a name with a colon in it from being read as a protocol.
    private static string ToUrl(string path) => "file:" + Path.GetFullPath(path);

    private static TranscriptionException NotMedia(ExternalProcess process, string? mediaPath)
    {
        var verdict = Verdict(process);
        if (mediaPath is null)
            return new TranscriptionException(
                $"The pieces of the playlist are nothing whose sound ffmpeg can read{verdict}. Is it HLS, in MPEG-TS, MP4, AAC or MP3?",
                isTransient: true
            );
        // A path on this machine is nobody's business.
        verdict = verdict
            .Replace(ToUrl(mediaPath) + ": ", "", StringComparison.Ordinal)
            .Replace(ToUrl(mediaPath), "the file", StringComparison.Ordinal);
        return new TranscriptionException(
            $"The file is not video or sound that ffmpeg can read{verdict}. Send a common format, such as WebM, MP4, MP3, OGG or WAV."
        );
    }

    /// <summary>The last line of what a program wrote, in brackets.</summary>
    private static string Verdict(ExternalProcess process)
    {
        var lines = process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? "" : $" ({lines[^1]})";
    }

    private static MediaInfo ReadHeader(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var sound = false;
        var tracks = new List<TextTrack>();
        if (root.TryGetProperty("streams", out var streams))
        {
            foreach (var stream in streams.EnumerateArray())
            {
                var kind = Text(stream, "codec_type");
                sound |= kind == "audio";
                if (
                    kind == "subtitle"
                    && TextCodecs.Contains(Text(stream, "codec_name") ?? "")
                    && !IsForced(stream)
                    && stream.TryGetProperty("index", out var index)
                )
                    tracks.Add(
                        new TextTrack(index.GetInt32(), stream.TryGetProperty("tags", out var tags) ? Text(tags, "language") : null)
                    );
            }
        }
        var duration =
            root.TryGetProperty("format", out var format)
            && double.TryParse(Text(format, "duration"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and < 1e9
                ? TimeSpan.FromSeconds(seconds)
                : (TimeSpan?)null;
        return new MediaInfo(duration, sound, tracks);
    }

    /// <summary>A forced track has but the lines that are foreign to the film.</summary>
    private static bool IsForced(JsonElement stream) =>
        stream.TryGetProperty("disposition", out var disposition)
        && disposition.TryGetProperty("forced", out var forced)
        && forced.ValueKind == JsonValueKind.Number
        && forced.GetInt32() == 1;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static async Task CopyAsync(Stream source, MemoryStream target, int limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await source.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (target.Length + count > limit)
                throw new TranscriptionException(
                    $"The media's header or subtitle track has more than {limit / 1024} KiB; that is not plausible."
                );
            target.Write(buffer, 0, count);
        }
    }
}
