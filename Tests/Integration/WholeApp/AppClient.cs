using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tests.Fixtures;

namespace Tests.Integration.WholeApp;

/// <summary>What the tests do with a running app over HTTP.</summary>
/// <param name="http">The client.</param>
/// <param name="prefix">Where the Api begins: <c>/api</c> through Web.</param>
internal sealed class AppClient(HttpClient http, string prefix = "") : IDisposable
{
    /// <summary>Makes a connection for every request: behind a proxy that works on connections, only so do requests reach all
    /// replicas.</summary>
    public HttpClient Http => http;

    public void Dispose() => http.Dispose();

    /// <summary>Submits a job by JSON and returns its id.</summary>
    public async Task<string> SubmitAsync(string source)
    {
        using var response = await http.PostAsJsonAsync($"{prefix}/jobs", new { source });
        return await IdOfAsync(response);
    }

    /// <summary>Submits the sample's video with a side file of so many cues, half a second apart, to be published at the pace of the
    /// media.</summary>
    public async Task<string> SubmitRealtimeAsync(int cues)
    {
        var vtt = new StringBuilder("WEBVTT\n\n");
        for (var i = 0; i < cues; i++)
            vtt.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"00:{i / 2:00}.{i % 2 * 500:000} --> 00:{i / 2:00}.{i % 2 * 500 + 450:000}\nCue number {i + 1}\n\n"
            );
        using var media = new ByteArrayContent(
            await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "tour.webm"))
        );
        media.Headers.ContentType = new MediaTypeHeaderValue("video/webm");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("realtime"), "pace" },
            { media, "media", "tour.webm" },
            { new StringContent(vtt.ToString(), Encoding.UTF8, "text/vtt"), "subtitles", "tour.vtt" },
        };
        using var response = await http.PostAsync($"{prefix}/jobs", form);
        return await IdOfAsync(response);
    }

    public Task<SseStream> OpenAsync(string path, string? lastEventId = null) => SseStream.OpenAsync(http, prefix + path, lastEventId);

    public static string ReplicaOf(SseStream stream) => stream.Response.Headers.GetValues("X-Replica").Single();

    /// <summary>Opens streams of one path until so many replicas serve one; an app whose connections all reach one replica fails
    /// here.</summary>
    public async Task<List<SseStream>> OpenOnReplicasAsync(string path, int replicas)
    {
        var streams = new Dictionary<string, SseStream>();
        for (var attempt = 0; streams.Count < replicas; attempt++)
        {
            Assert.True(attempt < 60, $"Sixty connections reached only {streams.Count} replicas.");
            var stream = await OpenAsync(path);
            if (!streams.TryAdd(ReplicaOf(stream), stream))
                await stream.DisposeAsync();
        }
        return [.. streams.Values];
    }

    /// <summary>All events of a stream that ends, <c>stream.open</c> left out.</summary>
    public static async Task<List<SseBlock>> ReadToEndAsync(SseStream stream)
    {
        var events = new List<SseBlock>();
        while (await stream.NextAfterOpenAsync() is { } e)
            events.Add(e);
        return events;
    }

    private static async Task<string> IdOfAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.Accepted, body);
        return JsonSerializer.Deserialize<JsonElement>(body).GetProperty("id").GetString()!;
    }
}
