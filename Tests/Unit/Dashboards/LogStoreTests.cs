using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;

namespace Tests.Unit.Dashboards;

public sealed class LogStoreTests
{
    private static readonly TelemetryResource Api = new("api", "one", []);
    private static readonly TelemetryResource Worker = new("worker", "two", []);

    [Fact]
    public void The_oldest_records_make_way()
    {
        var store = new LogStore(new TelemetryLimits { MaxLogs = 3 });

        store.Add([.. Enumerable.Range(1, 5).Select(n => Entry($"message {n}", n == 1 ? LogSeverity.Error : LogSeverity.Warning))]);

        var page = store.Query(new());
        Assert.Equal(["message 3", "message 4", "message 5"], page.Entries.Select(e => e.Message));
        Assert.Equal((3, 3, 2L), (page.Matching, page.Kept, page.Dropped));
        // The error is gone, and is counted no more.
        Assert.Equal(new LogCounts(3, 0), store.Counts()["api-one"]);
    }

    [Fact]
    public void Memory_stays_under_its_limit_and_comes_back()
    {
        var limits = new TelemetryLimits { MaxBytes = 1 << 20 };
        var store = new LogStore(limits);

        for (var i = 0; i < 100; i++)
            store.Add([Entry(new string('x', 10_000))]);

        Assert.InRange(store.Bytes, limits.LogBytes / 2, limits.LogBytes);
        Assert.InRange(store.Query(new()).Kept, 6, 15);
        store.Clear("api");
        Assert.Equal(0, store.Bytes);
        Assert.Empty(store.Query(new()).Entries);
    }

    [Fact]
    public void Conditions_narrow_what_is_found()
    {
        var store = new LogStore(new());
        var trace = TraceId.Parse("0123456789abcdef0123456789abcdef")!.Value;
        store.Add(
        [
            Entry("Job 7 begins", attributes: new TelemetryAttribute("JobId", "7")),
            Entry("Job 7 failed", LogSeverity.Error, resource: Worker, trace: trace, attributes: new TelemetryAttribute("JobId", "7")),
            Entry("Job 8 failed", LogSeverity.Error, resource: Worker, attributes: new TelemetryAttribute("JobId", "8")),
        ]);

        Assert.Equal(["Job 7 failed", "Job 8 failed"], Found(new() { MinSeverity = LogSeverity.Warning }));
        Assert.Equal(["Job 7 begins"], Found(new() { Resource = "api" }));
        Assert.Equal(["Job 7 failed", "Job 8 failed"], Found(new() { Resource = "worker-two" }));
        Assert.Equal(["Job 7 failed", "Job 8 failed"], Found(new() { Text = "FAILED" }));
        Assert.Equal(["Job 7 failed"], Found(new() { TraceId = trace }));
        Assert.Equal(["Job 7 begins", "Job 7 failed"], Found(new() { Attributes = [new("jobid", FilterOperation.Equals, "7")] }));
        Assert.Equal(["Job 8 failed"], Found(new() { Attributes = [new("JobId", FilterOperation.NotContains, "7")] }));
        Assert.Equal(["Job 8 failed"], Found(new() { Limit = 1 }));
        Assert.Equal(["Job 8 failed"], Found(new() { After = 2 }));

        IEnumerable<string> Found(LogQuery query) => store.Query(query).Entries.Select(e => e.Message);
    }

    [Fact]
    public async Task Who_waits_for_changes_is_told_of_the_next()
    {
        var store = new LogStore(new());
        var seen = store.Changes.Version;
        var change = store.Changes.WaitAsync(seen, TestContext.Current.CancellationToken);
        Assert.False(change.IsCompleted);

        store.Add([Entry("one")]);

        Assert.NotEqual(seen, await change);
        // Who asks with an old version need not wait.
        Assert.True(store.Changes.WaitAsync(seen, TestContext.Current.CancellationToken).IsCompleted);
    }

    private static LogEntry Entry(
        string message, LogSeverity severity = LogSeverity.Information, TelemetryResource? resource = null, TraceId? trace = null, params TelemetryAttribute[] attributes) =>
        new() { Resource = resource ?? Api, Time = DateTimeOffset.UnixEpoch, Severity = severity, Message = message, TraceId = trace, Attributes = attributes };
}
