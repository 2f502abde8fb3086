using System.Text;
using System.Text.Json;
using CsCheck;
using Subtitles.Cues;
using Subtitles.Formats;
using Subtitles.Jobs;

namespace Tests.Unit.Properties;

/// <summary>Files and documents that somebody else wrote: read, or refused in the one way that callers expect.</summary>
public sealed class DocumentProperties
{
    private static readonly string[] SubtitleWords =
    [
        "WEBVTT",
        "\n",
        "\n\n",
        "\r\n",
        "1",
        "00:00:01.000",
        "00:00:02,500",
        " --> ",
        "NOTE",
        "STYLE",
        "<v Ann>",
        "</b>",
        "&amp;",
        "&#xFFFFFFFF;",
        "line:0",
        "X-TIMESTAMP-MAP=",
        "{\\an8}",
        "99999999:00:00.000",
        "-1",
        "\uFEFF",
        "Hi",
    ];

    private const string Title = "A \"title\" \\ 100% \u4E2D";

    private static readonly JobRequest Request = new(
        "sample:tour",
        "en",
        JobPace.Fast,
        null,
        Title,
        new JobWebhook("https://a.example/", "s")
    )
    {
        Owner = "user:a",
        StoredBytes = 7,
    };

    [Fact]
    public void A_subtitle_file_is_read_or_refused_with_a_line() =>
        Bytes
            .TextOf(SubtitleWords)
            .Sample(
                text =>
                {
                    foreach (var file in new[] { text, "WEBVTT\n\n" + text, "1\n00:00:01,000 --> 00:00:02,000\n" + text })
                    {
                        Read(() => WebVtt.Parse(file));
                        Read(() => SubRip.Parse(file));
                    }
                },
                iter: 3000
            );

    [Fact]
    public void A_job_document_comes_back_and_a_damaged_one_is_told_as_such()
    {
        var document = JobDocument.Create(JobId.Create(), Request, DateTimeOffset.UnixEpoch.AddYears(50), "1", "00-a-b-01");
        Assert.Equal(Request, JobDocument.Read(document).Job.Request);
        var damages = Bytes.Of("\"", ":", ",", "{", "}", "null", "[]", "-1", "1e999", "99999999999999999999", "%", "%ZZ", "\\u0000");
        Gen.Select(damages, Gen.Int[0, 600], Gen.Int[0, 40])
            .Sample(
                (damage, at, removed) =>
                {
                    at = Math.Min(at, document.Length);
                    IsReadOrDamaged([.. document[..at], .. damage, .. document[Math.Min(document.Length, at + removed)..]]);
                },
                iter: 5000
            );
    }

    [Fact]
    public void A_job_document_whose_values_are_not_of_their_kind_is_told_as_damaged()
    {
        string[] names =
        [
            "id",
            "pace",
            "status",
            "percent",
            "attempts",
            "token",
            "createdAt",
            "bytes",
            "startedAt",
            "webhookStatus",
            "title",
            "owner",
        ];
        var values = Bytes.TextOf("0", "-", "9999999999999999999999", "queued", "Fast", "NaN", "%", " ", "1e400", ",");
        var original = Encoding.UTF8.GetString(JobDocument.Create(JobId.Create(), Request, DateTimeOffset.UnixEpoch, "1", null));
        Gen.Select(Gen.OneOf(names), values)
            .Sample(
                (name, value) =>
                {
                    var fields = JsonSerializer.Deserialize<Dictionary<string, string?>>(original)!;
                    fields[name] = value.Length == 0 ? null : value;
                    IsReadOrDamaged(JsonSerializer.SerializeToUtf8Bytes(fields));
                },
                iter: 5000
            );
    }

    private static void IsReadOrDamaged(byte[] document)
    {
        var job = JobDocument.ReadOrSkip(document);
        if (job is null)
            Assert.Throws<InvalidDataException>(() => JobDocument.Read(document));
    }

    private static void Read(Func<IReadOnlyList<Cue>> parse)
    {
        try
        {
            Assert.All(parse(), cue => Assert.True(cue.StartMs >= 0 && cue.EndMs > cue.StartMs));
        }
        catch (SubtitleFormatException e)
        {
            Assert.True(e.Line > 0);
        }
    }
}
