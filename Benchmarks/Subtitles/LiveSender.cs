using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Benchmarks.Subtitles;

/// <summary>Sends a recording as if it were being spoken: WebM as browsers record it, in chunks of a quarter of a second.</summary>
internal static class LiveSender
{
    private static readonly TimeSpan ChunkTime = TimeSpan.FromMilliseconds(250);

    /// <summary>Submits a live job.</summary>
    /// <returns>The job's id, where its media is sent, and the token.</returns>
    public static async Task<(string Job, string Media, string Token)> SubmitAsync(HttpClient http)
    {
        using var response = await http.PostAsJsonAsync("/jobs", new { source = "live" });
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        var ingest = answer.GetProperty("ingest");
        return (answer.GetProperty("id").GetString()!, ingest.GetProperty("media").GetString()!, ingest.GetProperty("token").GetString()!);
    }

    /// <summary>Sends to the end. The task of <paramref name="began"/> gets the timestamp at which the media begins.</summary>
    public static async Task SendAsync(HttpClient http, string path, string media, string token, TaskCompletionSource<long> began)
    {
        using var recorder = Process.Start(
            new ProcessStartInfo(
                "ffmpeg",
                [
                    "-nostdin",
                    "-v",
                    "error",
                    "-re",
                    "-i",
                    path,
                    "-map",
                    "0:a:0",
                    "-c:a",
                    "copy",
                    "-f",
                    "webm",
                    "-live",
                    "1",
                    "-cluster_time_limit",
                    "100",
                    "-flush_packets",
                    "1",
                    "pipe:1",
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var buffer = new byte[64 * 1024];
        using var pending = new MemoryStream();
        var (number, sentAt) = (0, 0L);
        while (await recorder.StandardOutput.BaseStream.ReadAsync(buffer) is var read and > 0)
        {
            if (began.TrySetResult(Stopwatch.GetTimestamp()))
                sentAt = Stopwatch.GetTimestamp();
            pending.Write(buffer, 0, read);
            if (Stopwatch.GetElapsedTime(sentAt) < ChunkTime)
                continue;
            sentAt = Stopwatch.GetTimestamp();
            await PutAsync($"{media}/{number++}");
        }
        await PutAsync($"{media}/{number}?last=true");
        await recorder.WaitForExitAsync();

        async Task PutAsync(string address)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, address)
            {
                Content = new ByteArrayContent(pending.ToArray()),
                Headers = { { "X-Ingest-Token", token } },
            };
            pending.SetLength(0);
            using var response = await http.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }
    }
}
