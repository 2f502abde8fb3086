using System.Globalization;
using Benchmarks.Fanout;
using HistoryChecker;

namespace Benchmarks.Faults;

/// <summary>
/// A publisher whose answers get lost, and that repeats what has none, to this project and to nchan; the histories are judged. Shows that
/// the checker finds what it should: nchan has no way to know a repeat.
/// </summary>
internal static class RepeatsCommand
{
    private const string Topic = "repeats";
    private const int Readers = 6;
    private const int LostOf = 7;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] args)
    {
        var events = Arguments.Number(args, "--events", 200);
        var folder = Arguments.Text(args, "--history") ?? Directory.CreateTempSubdirectory("repeats-").FullName;
        Directory.CreateDirectory(folder);
        List<Design> designs = [new EventStreamsDesign()];
        if (NchanDesign.IsInstalled)
            designs.Add(new NchanDesign());
        else
            Progress.Say("nginx with its nchan module is not installed, and left out.");
        var isGood = false;
        foreach (var design in designs)
        {
            using (design)
            {
                var verdict = await RunAsync(design, events, Path.Combine(folder, design.Name + ".jsonl"));
                Console.WriteLine($"{design.Name}: {verdict.Report()}");
                if (design is EventStreamsDesign)
                    isGood = verdict.IsGood;
            }
        }
        if (Arguments.Text(args, "--history") is null)
            Directory.Delete(folder, recursive: true);
        return isGood ? 0 : 1;
    }

    private static async Task<Verdict> RunAsync(Design design, int events, string file)
    {
        using var redis = await RedisUnderTest.StartAsync();
        await design.StartAsync(redis, replicas: 2);
        using (var history = new HistoryWriter(file))
        using (var http = FaultRun.CreateClient())
        using (var link = new ForgetfulLink(design.Replicas[0].Port, LostOf))
        using (var stop = new CancellationTokenSource())
        {
            var readers = Enumerable
                .Range(0, Readers)
                .Select(i => new ResumingReader($"r{i}", Topic, http, () => design.StreamAddress(Topic), history))
                .ToList();
            var reading = readers.ConvertAll(reader => Task.Run(() => reader.RunAsync(stop.Token)));
            await WaitAsync(() => readers.TrueForAll(reader => reader.Streams > 0));
            // Designs that join a topic after the headers need a moment more until nothing is missed.
            await Task.Delay(1000);
            for (var number = 1; number <= events; number++)
                await PublishAsync(design, link.Port, number.ToString(CultureInfo.InvariantCulture), http, history);
            await WaitAsync(() => readers.TrueForAll(reader => reader.Newest == events));
            await Task.Delay(1000);
            await stop.CancelAsync();
            await Task.WhenAll(reading);
            for (var i = 0; i < Readers; i++)
                history.Leave($"r{i}", Topic, isComplete: true);
        }
        return HistoryCheck.Of(HistoryFile.Read(file));
    }

    private static async Task PublishAsync(Design design, int port, string content, HttpClient http, HistoryWriter history)
    {
        while (true)
        {
            var began = history.Now;
            using var request = design.PublishRequest(port, Topic, content);
            request.Headers.ConnectionClose = true;
            request.Headers.Add("Idempotency-Key", "event-" + content);
            try
            {
                using var response = await http.SendAsync(request);
                var outcome = response.IsSuccessStatusCode ? AttemptOutcome.Acknowledged : AttemptOutcome.Unknown;
                history.Attempt(Topic, content, began, outcome);
                if (outcome == AttemptOutcome.Acknowledged)
                    return;
            }
            catch (HttpRequestException)
            {
                history.Attempt(Topic, content, began, AttemptOutcome.Unknown);
            }
        }
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        var started = Environment.TickCount64;
        while (!condition() && Environment.TickCount64 - started < Limit.TotalMilliseconds)
            await Task.Delay(20);
    }
}
