using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Subtitles.Jobs;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

/// <summary>What a trace and the meters say of a job.</summary>
public sealed class JobTelemetryTests(RedisServers servers)
{
    [Fact]
    public async Task One_trace_leads_from_the_request_through_the_queue_to_each_publish_of_the_worker()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var spans = new ConcurrentQueue<Activity>();
        using var request = new Activity("POST /jobs").SetIdFormat(ActivityIdFormat.W3C);
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Subtitles" or "EventStreams",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId == request.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        request.Start();
        var id = await bench.SubmitAsync();
        request.Stop();
        Assert.Null(Activity.Current);
        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(2)));

        var submit = spans.Single(s => s.OperationName == "job.submit");
        var run = spans.Single(s => s.OperationName == "job.run");
        Assert.Equal((request.SpanId, submit.SpanId), (submit.ParentSpanId, run.ParentSpanId));
        Assert.Equal(id.Value, run.GetTagItem("subtitles.job.id"));
        Assert.Equal(run.SpanId, spans.Single(s => s.OperationName == "job.fetch").ParentSpanId);
        var transcribe = spans.Single(s => s.OperationName == "job.transcribe");
        Assert.Equal(run.SpanId, transcribe.ParentSpanId);
        // Two cues in their step; started and completed around it.
        var published = spans.Where(s => s.Kind == ActivityKind.Producer && s.Source.Name == "EventStreams").ToArray();
        Assert.True(published.Count(s => s.ParentSpanId == transcribe.SpanId) >= 2);
        Assert.True(published.Count(s => s.ParentSpanId == run.SpanId) >= 2);
        Assert.Contains(published, s => s.ParentSpanId == submit.SpanId);
        Assert.All(spans, s => Assert.Equal(request.TraceId, s.TraceId));
    }

    [Fact]
    public async Task The_meters_tell_the_queue_the_outcomes_and_how_fast_the_work_is()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var meters = bench.Meters;
        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Meter.Name == "Subtitles" && instrument.Meter.Scope == meters)
                me.EnableMeasurementEvents(instrument);
        };
        void Take<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
            where T : struct =>
            seen[$"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => t.Value))}".Trim()] = Convert.ToDouble(value);
        listener.SetMeasurementEventCallback<long>(Take);
        listener.SetMeasurementEventCallback<double>(Take);
        var telemetry = bench.Telemetry;
        listener.Start();

        await bench.SubmitAsync();
        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(2)));
        listener.RecordObservableInstruments();
        Assert.DoesNotContain(seen.Keys, k => k.StartsWith("subtitles.queue", StringComparison.Ordinal));
        Assert.Equal((1d, 1d), (seen["subtitles.jobs completed scripted"], seen["subtitles.cues scripted"]));
        Assert.InRange(seen["subtitles.time_to_first_cue scripted"], 0.0001, 60);
        Assert.InRange(seen["subtitles.realtime_factor scripted"], 0.0001, 60);

        using var sampler = new QueueSampler(bench.Statistics, telemetry, TimeProvider.System);
        await bench.SubmitAsync();
        await bench.SubmitAsync();
        await sampler.StartAsync(default);
        await Eventually.HoldsAsync(() => telemetry.Queue is not null, "the queue is looked at");
        await sampler.StopAsync(default);
        listener.RecordObservableInstruments();
        Assert.Equal(
            (2d, 0d, 0d),
            (seen["subtitles.queue.length ready"], seen["subtitles.queue.length delayed"], seen["subtitles.queue.length running"])
        );
        Assert.InRange(seen["subtitles.queue.age"], 0, 60);
    }
}
