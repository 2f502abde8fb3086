using System.Text;
using EventStreams;
using EventStreams.Client;
using EventStreams.Log;
using EventStreams.Wire;
using Subtitles.Cues;
using Subtitles.Formats;
using Subtitles.Jobs;
using EventId = EventStreams.EventId;

namespace Benchmarks.Fuzz;

/// <summary>Something that reads what others may have written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Seeds">What it is used to, to be mutated.</param>
/// <param name="Read">Reads; throws only for what it must never do.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<string> Seeds, Action<byte[]> Read)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "event-stream",
            ["retry: 500\nevent: stream.open\ndata: {\"topic\":\"a\"}\nid: abcdefghij-1-a0\n\n", "\uFEFF: hi\r\ndata:x\rdata\nid\n\n"],
            ReadBlocks
        ),
        new(
            "webvtt",
            ["WEBVTT\n\nSTYLE\n::cue{}\n\n1\n00:00:01.000 --> 00:00:02.500 line:0\n<v Ann>Hi <b>all</b> &amp; you\n\nNOTE x\n"],
            bytes => ReadSubtitles(bytes, WebVtt.Parse)
        ),
        new(
            "subrip",
            ["1\n00:00:01,000 --> 00:00:02,500\n<i>Hi</i>\nthere\n\n2\n00:01:01,000 --> 01:00:02,500\n{\\an8}x\n"],
            bytes => ReadSubtitles(bytes, SubRip.Parse)
        ),
        new(
            "log-entry",
            ["abcdefghij-7-a1 note 1700000000000000 00-ab-cd-01\npayload", "a-1-1 n 0 -\n"],
            bytes => LogEntry.TryParse(bytes)
        ),
        new("cursor", ["abcdefghij-7-a1", "abcdefghij-7-a1~3", "0:abcdefghijAAAAAA1.abcdefghij-9"], ReadCursors),
        new("job-document", [SampleDocument()], ReadDocument),
    ];

    private static void ReadBlocks(byte[] bytes)
    {
        var reader = new BlockReader(new MemoryStream(bytes));
        while (reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } block)
            new StreamPosition("abcdefghij-1-a0").Advance(block.Id);
    }

    private static void ReadSubtitles(byte[] bytes, Func<string, IReadOnlyList<Cue>> parse)
    {
        try
        {
            foreach (var cue in parse(Encoding.UTF8.GetString(bytes)))
            {
                if (cue.StartMs < 0 || cue.EndMs <= cue.StartMs)
                    throw new InvalidOperationException($"A cue from {cue.StartMs} to {cue.EndMs}.");
            }
        }
        catch (SubtitleFormatException)
        {
            // Refused, with its line.
        }
    }

    private static void ReadCursors(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (EventId.TryParse(text, out var id) && (!EventId.TryParse(id.ToString(), out var again) || again != id))
            throw new InvalidOperationException($"{text} is read as {id}, and that as something else.");
        _ = CursorSet.TryDecode(text, out _);
        _ = StateCursorText.TryParse(text, out _);
        foreach (var part in CursorSet.Split(text, 2) ?? [])
            _ = CursorSet.TryDecode(part, out _);
    }

    private static void ReadDocument(byte[] bytes)
    {
        try
        {
            JobDocument.Read(bytes);
        }
        catch (InvalidDataException)
        {
            // Told as damaged.
        }
    }

    private static string SampleDocument() =>
        Encoding.UTF8.GetString(
            JobDocument.Create(
                JobId.Create(),
                new JobRequest("sample:tour", "en", JobPace.Fast, null, "A \"title\" 100%"),
                DateTimeOffset.UnixEpoch.AddYears(50),
                "1",
                null
            )
        );
}
