using System.Text;
using Api.Jobs;
using Api.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Media;
using Tests.Fixtures;

namespace Tests.Unit.Jobs;

public sealed class UploadSubmissionTests : IDisposable
{
    private const string Wave = "RIFF\0\0\0\0WAVEfmt 0123456789";
    private const string Vtt = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n";

    private readonly TemporaryFolder _folder = new();
    private readonly FolderMediaStore _store;
    private readonly UploadSubmission _upload;

    public UploadSubmissionTests()
    {
        var options = Options.Create(new MediaOptions { Path = _folder["media"], MaxUploadBytes = 1000 });
        _store = new FolderMediaStore(options);
        _upload = new UploadSubmission(
            new MediaIntake(_store, options),
            _store,
            options,
            new WebhookFields(new AddressCheck(new SourceAddressGuard(options)))
        );
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stores_the_files_and_reads_the_fields()
    {
        var request = await ReadAsync(
            Part("language", "de"),
            Part("media", Wave, "C:\\a talk.wav"),
            Part("subtitles", Vtt, "x.vtt"),
            Part("pace", "realtime")
        );
        Assert.Equal(("de", JobPace.Realtime, "a talk.wav"), (request.Language, request.Pace, request.Title));
        Assert.Equal(Wave, await File.ReadAllTextAsync(PathOf(request.Source), Encoding.Latin1));
        Assert.Equal(Vtt, await File.ReadAllTextAsync(PathOf(request.SideFile!)));

        _upload.Discard(request);
        Assert.Empty(Directory.GetFiles(_store.Folder));
    }

    [Fact]
    public async Task Needs_no_more_than_the_media()
    {
        var request = await ReadAsync(Part("media", Wave));
        Assert.Equal(("auto", JobPace.Fast, "upload", null), (request.Language, request.Pace, request.Title, request.SideFile));
    }

    public static TheoryData<string, int, string?> BadForms =>
        new()
        {
            { Part("subtitles", Vtt, "x.vtt"), 400, "media" },
            { Part("media", "<html>", "x.webm"), 415, "media" },
            { Part("media", "", "x.webm"), 415, "media" },
            { Part("media", Wave + new string('x', 1000)), 413, "media" },
            { Part("media", Wave) + Part("media", Wave), 400, "media" },
            { Part("media", Wave) + Part("subtitles", Wave), 415, "subtitles" },
            { Part("media", Wave) + Part("subtitles", "WEBVTT\n\n00:00 --> 00:01\n"), 400, "subtitles" },
            { Part("media", Wave) + Part("language", "not a language"), 400, "language" },
            { Part("media", Wave) + Part("pace", "slow"), 400, "pace" },
            { Part("media", Wave) + Part("pace", new string('x', 2000)), 400, "pace" },
            { Part("media", Wave) + Part("title", "x"), 400, "title" },
            { Part("media", Wave) + string.Concat(Enumerable.Repeat(Part("language", "en"), 20)), 400, null },
        };

    [Theory]
    [MemberData(nameof(BadForms))]
    public async Task Refuses_bad_forms_and_keeps_nothing_of_them(string form, int status, string? field)
    {
        var failure = await Assert.ThrowsAsync<ApiException>(() => ReadAsync(form));
        Assert.Equal((status, field), (failure.Status, failure.Field));
        Assert.Empty(Directory.GetFiles(_store.Folder));
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    [InlineData(
        "multipart/form-data; "
            + "boundary=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""
    )]
    public async Task Refuses_a_form_without_a_sound_boundary(string contentType)
    {
        var failure = await Assert.ThrowsAsync<ApiException>(() => _upload.ReadAsync(Context(contentType, ""), []));
        Assert.Equal(400, failure.Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"media\"\r\n\r\n" + Wave)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"media\"\r\n")]
    public async Task Refuses_a_form_that_breaks_off(string body)
    {
        var failure = await Assert.ThrowsAsync<ApiException>(() => _upload.ReadAsync(Context("multipart/form-data; boundary=b", body), []));
        Assert.Equal(400, failure.Status);
        Assert.Empty(Directory.GetFiles(_store.Folder));
    }

    private readonly List<string> _warnings = [];

    private Task<JobRequest> ReadAsync(params string[] parts) =>
        _upload.ReadAsync(Context("multipart/form-data; boundary=b", string.Concat(parts) + "--b--\r\n"), _warnings);

    private string PathOf(string source) => _store.FindPath(source["upload:".Length..])!;

    private static string Part(string name, string content, string? fileName = null) =>
        $"--b\r\nContent-Disposition: form-data; name=\"{name}\"{(fileName is null ? "" : $"; filename=\"{fileName}\"")}\r\n\r\n"
        + $"{content}\r\n";

    private static DefaultHttpContext Context(string contentType, string body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = contentType;
        context.Request.Body = new MemoryStream(Encoding.Latin1.GetBytes(body));
        return context;
    }
}
