using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Uploads: stored, refused, and repeated.</summary>
public sealed partial class ApiTests
{
    [Fact]
    public async Task An_upload_is_stored_and_a_refused_one_leaves_nothing()
    {
        var before = Directory.GetFiles(_api.MediaFolder);
        await AssertProblemAsync(await UploadAsync("not media"u8.ToArray()), 415, "not in a format that is taken");
        await AssertProblemAsync(await UploadAsync([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[200_000]]), 413, "larger than the limit");
        await AssertProblemAsync(await UploadAsync([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[20_000_000]]), 413, "larger than the limit");
        Assert.Equal(before.Order(), Directory.GetFiles(_api.MediaFolder).Order());

        using var response = await UploadAsync([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[50_000]]);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(50_012, new FileInfo(Assert.Single(Directory.GetFiles(_api.MediaFolder).Except(before))).Length);
        Assert.Equal("talk.wav", Text(await Client.GetFromJsonAsync<JsonElement>(response.Headers.Location), "title"));
    }

    [Fact]
    public async Task A_repeated_upload_is_one_job_with_one_file_and_another_one_under_its_key_is_refused()
    {
        var key = Guid.NewGuid().ToString();
        byte[] media = [.. "RIFF\0\0\0\0WAVE"u8, .. new byte[50_000]];
        using var first = await UploadAsync(media, key);
        using var second = await UploadAsync(media, key);
        Assert.Equal((HttpStatusCode.Accepted, first.Headers.Location), (second.StatusCode, second.Headers.Location));
        var files = Directory.GetFiles(_api.MediaFolder).Length;
        media[^1] = 1;
        await AssertProblemAsync(await UploadAsync(media, key), 422, "another request");
        Assert.Equal(files, Directory.GetFiles(_api.MediaFolder).Length);
    }

    [Fact]
    public async Task A_side_file_is_taken_without_its_broken_cues_which_are_told()
    {
        var form = new MultipartFormDataContent
        {
            { new ByteArrayContent([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[5000]]), "media", "talk.wav" },
            {
                new ByteArrayContent(
                    Encoding.Unicode.GetBytes("1\n00:00:01,000-->00:00:02,000\ncafé\n\n2\n00:00:0x,000 --> 00:00:04,000\nbroken\n")
                ),
                "subtitles",
                "talk.srt"
            },
        };
        using var response = await Client.PostAsync("/jobs", form);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var warnings = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("warnings");
        Assert.StartsWith("Line 6:", warnings.EnumerateArray().Single().GetString(), StringComparison.Ordinal);
    }
}
