using System.Globalization;
using System.Text;
using CsCheck;
using Tests.Unit.Properties;

namespace Tests.Fixtures;

/// <summary>Makes odd requests to the Api: its own paths, parameters and headers, with values that do not belong there.</summary>
internal static class OddRequests
{
    private static readonly string[] Methods = ["GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"];

    private static readonly string[] Paths =
    [
        "/jobs",
        "/jobs",
        "/jobs/{job}",
        "/jobs/{job}/cancel",
        "/jobs/{job}/retry",
        "/jobs/{job}/cues/{odd}",
        "/jobs/{job}/events",
        "/jobs/{job}/subtitles.vtt",
        "/jobs/{job}/subtitles/{odd}.vtt",
        "/jobs/{job}/subtitles/playlist.m3u8",
        "/jobs/{job}/subtitles.json",
        "/jobs/{job}/media",
        "/jobs/{job}/media/{odd}",
        "/jobs/{odd}",
        "/jobs/{odd}/subtitles.srt",
        "/streams",
        "/streams/{odd}",
        "/streams/odd",
        "/streams/odd/events",
        "/streams/{odd}/events",
        "/tickets",
        "/{odd}",
    ];

    private static readonly string[] Parameters =
    [
        "take",
        "after",
        "before",
        "limit",
        "status",
        "all",
        "topic",
        "from",
        "lastEventId",
        "ticket",
        "presence",
        "event",
        "last",
        "x",
    ];

    private static readonly string[] HeaderNames =
    [
        "Last-Event-ID",
        "Idempotency-Key",
        "X-Ingest-Token",
        "Authorization",
        "Accept",
        "Accept-Encoding",
        "Cookie",
        "Range",
        "If-None-Match",
        "Origin",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "Content-Encoding",
    ];

    private static readonly Gen<string?> Types = Gen.OneOf<string?>(
        "application/json",
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "application/json; charset=utf-7",
        "x",
        "",
        null
    );

    private static readonly Gen<byte[]?> Bodies = Gen.Select(
            Gen.Bool,
            Bytes.Of(
                "{",
                "}",
                "{\"source\":\"sample:tour\"",
                "[",
                "]",
                "\"source\":",
                "\"sample:tour\"",
                "\"pace\":",
                "\"fast\"",
                "\"title\":",
                "\"text\":",
                "null",
                ",",
                "\"",
                "1e999",
                "-1",
                "\\u0000",
                "\\ud800",
                "--b\r\n",
                "--b--",
                "RIFF\0\0\0\0WAVE",
                "Content-Disposition: form-data; name=\"media\"; filename=\"a.wav\"\r\n\r\n"
            )
        )
        .Select((has, body) => has ? body : null);

    private static readonly Gen<string> Odd = Gen.OneOf(
        Gen.OneOf("0", "1", "-1", "99999999999999999999", "", "..", "head", "state", "abcdefghij-1-a0", "2147483648", "true", "1e3"),
        Bytes
            .TextOf(
                "a",
                "0",
                "-",
                "1",
                "9",
                "%",
                "%zz",
                "..",
                "/",
                "\\",
                "\0",
                "\n",
                " ",
                "~",
                ".",
                ":",
                "{}",
                "'",
                "\u202E",
                "\uFFFF",
                "\uD83D\uDE00"
            )
            .Select(text => text[..Math.Min(text.Length, 300)])
    );

    private static readonly Gen<string> Targets = Gen.Select(Gen.OneOf(Paths), Odd, Gen.Select(Gen.OneOf(Parameters), Odd).Array[0, 3])
        .Select(
            (path, odd, query) =>
                path.Replace("{odd}", Raw(odd), StringComparison.Ordinal)
                + string.Concat(query.Select((pair, i) => $"{(i == 0 ? '?' : '&')}{pair.Item1}={Raw(pair.Item2)}"))
        );

    /// <summary>Requests whose targets have <c>{job}</c> where a job's id belongs.</summary>
    public static Gen<OddRequest> All { get; } =
        Gen.Select(Gen.OneOf(Methods), Targets, Gen.Select(Gen.OneOf(HeaderNames), Odd.Select(Visible)).Array[0, 3], Types, Bodies)
            .Select((method, target, headers, type, body) => new OddRequest(method, target, headers, type, body));

    // As it is, apart from what would end the line of the request.
    private static string Raw(string text) => Each(text, b => b is > 0x20 and < 0x7F and not (byte)'#' and not (byte)'?' and not (byte)'&');

    // What is no part of a header's value at all is refused by the client already.
    private static string Visible(string text) => Each(text, b => b is >= 0x20 and < 0x7F);

    private static string Each(string text, Func<byte, bool> isKept)
    {
        var made = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (isKept(b))
                made.Append((char)b);
            else
                made.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        return made.ToString();
    }
}
