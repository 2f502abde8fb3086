using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>Jobs whose subtitles are the test's own, uploaded beside the sample's video.</summary>
internal static class UploadedJobs
{
    public static readonly string Video = Path.Combine(AppContext.BaseDirectory, "Samples", "tour.webm");

    /// <summary>A WebVTT file of so many lines, two seconds each, from the media's beginning on.</summary>
    public static string LinesOf(int count, string text = "Line {0} of a long transcript, as people read it.")
    {
        var file = new StringBuilder("WEBVTT\n");
        for (var i = 0; i < count; i++)
            file.Append('\n')
                .Append(Stamp(i * 2000))
                .Append(" --> ")
                .Append(Stamp((i * 2000) + 1900))
                .Append('\n')
                .AppendFormat(null, text, i)
                .Append('\n');
        return file.ToString();
    }

    /// <summary>Uploads, and waits until the job is over.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> UploadAsync(Uri web, string? subtitles, string name = "talk.webm", byte[]? media = null)
    {
        var id = await StartAsync(web, subtitles, name, media);
        using var browser = new HttpClient { BaseAddress = web };
        await Eventually.HoldsAsync(
            async () =>
                (await browser.GetFromJsonAsync<JsonElement>($"/api/jobs/{id}")).GetProperty("status").GetString()
                    is "completed"
                        or "failed",
            "the uploaded job is over",
            TimeSpan.FromMinutes(2)
        );
        return id;
    }

    /// <summary>Uploads.</summary>
    /// <returns>The job's id.</returns>
    public static async Task<string> StartAsync(
        Uri web,
        string? subtitles,
        string name = "talk.webm",
        byte[]? media = null,
        string pace = "fast"
    )
    {
        using var browser = new HttpClient { BaseAddress = web };
        using var form = new MultipartFormDataContent { { new StringContent(pace), "pace" } };
        if (subtitles is not null)
            form.Add(new StringContent(subtitles), "subtitles", "side.vtt");
        form.Add(new ByteArrayContent(media ?? await File.ReadAllBytesAsync(Video)), "media", name);
        using var answer = await browser.PostAsync("/api/jobs", form);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private static string Stamp(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds).ToString(@"hh\:mm\:ss\.fff");
}
