using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Benchmarks.Load;

namespace Benchmarks.Dashboards;

/// <summary>The dashboard while an app sends it much: what it takes, its memory, and how long its API and pages take to answer meanwhile.</summary>
internal static class DashboardCommand
{
    private const int BatchSize = 500;
    private const int Processes = 8;
    private const double Megabyte = 1 << 20;

    // Faster than a person clicks.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly string[] Calls =
    [
        "/api/resources", "/api/logs?limit=200", "/api/logs?text=nowhere-to-be-found", "/api/logs?level=error&attribute=Topic~99", "/api/traces?limit=200",
        "/api/traces?text=nowhere-to-be-found", "/api/traces?attribute=url.path=/nowhere", "/api/traces/{trace}", "/api/metrics", "/api/metrics/series?meter=Benchmark.Meter&instrument=histogram.7",
        "/api/metrics/series?meter=Benchmark.Meter&instrument=counter.7&groupBy=process",
        "/", "/logs", "/logs?text=nowhere-to-be-found", "/traces", "/traces/{trace}", "/metrics?meter=Benchmark.Meter&instrument=histogram.7",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var (rate, seconds) = (Arguments.Number(args, "--rate", 5_000), Arguments.Number(args, "--seconds", 60));
        var (page, grpc) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        using var server = await ServerProcess.StartAsync(
            "dotnet", [typeof(DashboardCommand).Assembly.Location, "replica", "dashboard", $"{page}", $"{grpc}"], page);
        using var client = new HttpClient { BaseAddress = new Uri($"http://localhost:{page}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", DashboardUnderTest.Token);
        using var sender = new OtlpSender(new Uri($"http://localhost:{grpc}"), DashboardUnderTest.Key);
        var maker = new TelemetryMaker(Processes);
        await SendSecondAsync(sender, maker, 0, BatchSize, CancellationToken.None);
        foreach (var call in Calls)
            await AskAsync(client, call, maker.TakenTrace);

        var (started, processor, idle) = (Stopwatch.GetTimestamp(), server.ProcessorSeconds(), server.ResidentBytes());
        var answers = Calls.ToDictionary(c => c, _ => new LatencyHistogram());
        var peak = 0L;
        using var over = new CancellationTokenSource();
        var asking = AskUntilAsync(over.Token);
        var sent = 0L;
        for (var second = 1; second <= seconds; second++)
        {
            sent += await SendSecondAsync(sender, maker, second, rate, CancellationToken.None);
            var left = TimeSpan.FromSeconds(second) - Stopwatch.GetElapsedTime(started);
            if (left > TimeSpan.Zero)
                await Task.Delay(left);
        }
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var cpu = server.ProcessorSeconds() - processor;
        await over.CancelAsync();
        await asking;

        var kept = await client.GetFromJsonAsync<JsonElement>("/api/logs?limit=1");
        var traces = await client.GetFromJsonAsync<JsonElement>("/api/traces?limit=1");
        Print($"{sent} spans and {sent} log records taken in {took:0.0} s: {sent / took:0} of each a second, {cpu / sent * 1e6:0} µs of processor time for a span, a record and their share of metrics");
        Print($"memory {idle / Megabyte:0} MiB before, {peak / Megabyte:0} MiB at most; {kept.GetProperty("kept").GetInt32()} records and {traces.GetProperty("kept").GetInt32()} traces kept");
        foreach (var (call, times) in answers)
            Print($"{times.Percentile(0.5),8:0.0} ms p50 {times.Percentile(0.99),8:0.0} ms p99 {times.Percentile(1),8:0.0} ms longest  {call}");
        return 0;

        async Task AskUntilAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var (call, times) in answers)
                {
                    times.Add((long)(await AskAsync(client, call, maker.TakenTrace)).TotalMicroseconds);
                    peak = Math.Max(peak, server.ResidentBytes());
                }
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    // Evenly over the second, as many processes would.
    private static async Task<int> SendSecondAsync(OtlpSender sender, TelemetryMaker maker, int second, int rate, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var metrics in maker.Metrics(second))
            await sender.SendAsync(metrics);
        var sent = 0;
        while (sent < rate)
        {
            var (spans, logs) = maker.Batch(Math.Min(BatchSize, rate - sent));
            await Task.WhenAll(sender.SendAsync(spans), sender.SendAsync(logs));
            maker.Taken();
            sent += Math.Min(BatchSize, rate - sent);
            var ahead = TimeSpan.FromSeconds((double)sent / rate) - Stopwatch.GetElapsedTime(started);
            if (sent < rate && ahead > TimeSpan.Zero)
                await Task.Delay(ahead, cancellationToken);
        }
        return sent;
    }

    private static async Task<TimeSpan> AskAsync(HttpClient client, string call, string trace)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await client.GetAsync(call.Replace("{trace}", trace, StringComparison.Ordinal));
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(started);
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
