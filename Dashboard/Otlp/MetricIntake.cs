using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Dashboard.Otlp;

internal sealed class MetricIntake(TelemetryStore store, AttributeIntake attributes) : Intake
{
    private const string Invalid = "data points are not valid.";

    // Counts since the last report.
    private const int Delta = 1;

    // The flag of a point that only says that there is no value.
    private const uint NoValue = 1;

    public override string HttpPath => "/v1/metrics";

    public override string GrpcService => "opentelemetry.proto.collector.metrics.v1.MetricsService";

    public override MessageParser Parser => ExportMetricsRequest.Parser;

    public override ExportResponse Take(IMessage request)
    {
        var rejections = new Rejections();
        var metrics = new List<IncomingMetric>();
        foreach (var group in ((ExportMetricsRequest)request).ResourceMetrics)
        {
            if (store.Resources.Get(attributes.Attributes(group.Resource?.Attributes ?? [])) is not { } resource)
            {
                rejections.Add("data points come from one process too many.", group.ScopeMetrics.SelectMany(s => s.Metrics).Sum(PointCount));
                continue;
            }

            foreach (var scope in group.ScopeMetrics)
            {
                var meter = attributes.Shared(scope.Scope?.Name ?? "");
                foreach (var metric in scope.Metrics)
                {
                    if (Read(metric, meter, resource, rejections) is { Points.Count: > 0 } incoming)
                    {
                        metrics.Add(incoming);
                    }
                }
            }
        }

        rejections.Add("data points belong to one series too many.", store.Metrics.Add(metrics));
        return rejections.Answer();
    }

    private IncomingMetric? Read(Metric metric, string meter, TelemetryResource resource, Rejections rejections)
    {
        if (metric.Name.Length == 0)
        {
            rejections.Add("data points belong to a metric without a name.", PointCount(metric));
            return null;
        }

        return metric.DataCase switch
        {
            Metric.DataOneofCase.Gauge => Incoming(InstrumentKind.Gauge, metric.Gauge.DataPoints.Select(p => Read(p, resource, false, rejections))),
            Metric.DataOneofCase.Sum => Incoming(
                metric.Sum.IsMonotonic ? InstrumentKind.Counter : InstrumentKind.UpDownCounter,
                metric.Sum.DataPoints.Select(p => Read(p, resource, metric.Sum.AggregationTemporality == Delta, rejections))),
            Metric.DataOneofCase.Histogram => Incoming(
                InstrumentKind.Histogram,
                metric.Histogram.DataPoints.Select(p => Read(p, resource, metric.Histogram.AggregationTemporality == Delta, rejections))),
            Metric.DataOneofCase.ExponentialHistogram => Incoming(
                InstrumentKind.Histogram,
                metric.ExponentialHistogram.DataPoints.Select(p => Read(p, resource, metric.ExponentialHistogram.AggregationTemporality == Delta, rejections))),
            _ => Unknown(),
        };

        IncomingMetric Incoming(InstrumentKind kind, IEnumerable<IncomingPoint?> points) =>
            new(meter, attributes.Shared(metric.Name), attributes.Shared(metric.Unit), attributes.Shared(metric.Description), kind, [.. points.OfType<IncomingPoint>()]);

        IncomingMetric? Unknown()
        {
            rejections.Add("data points are of a kind that is not kept (summaries are not).", PointCount(metric));
            return null;
        }
    }

    private IncomingPoint? Read(NumberDataPoint point, TelemetryResource resource, bool isDelta, Rejections rejections)
    {
        if ((point.Flags & NoValue) != 0)
        {
            return null;
        }

        var value = point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
        if (point.TimeUnixNano == 0 || point.ValueCase == NumberDataPoint.ValueOneofCase.None || !double.IsFinite(value))
        {
            rejections.Add(Invalid);
            return null;
        }

        var at = Moment(point.TimeUnixNano).UtcTicks;
        return new(
            resource,
            attributes.Attributes(point.Attributes),
            new() { Since = Since(point.StartTimeUnixNano), From = at, Until = at, Value = value },
            [],
            isDelta,
            Exemplars(point.Exemplars, resource));
    }

    private IncomingPoint? Read(HistogramDataPoint point, TelemetryResource resource, bool isDelta, Rejections rejections)
    {
        if ((point.Flags & NoValue) != 0)
        {
            return null;
        }

        // Without buckets only count and sum are known.
        var bounds = point.ExplicitBounds.ToArray();
        var isValid = point.TimeUnixNano > 0 && double.IsFinite(point.Sum)
            && (point.BucketCounts.Count == 0 ? bounds.Length == 0 : point.BucketCounts.Count == bounds.Length + 1)
            && bounds.Zip(bounds.Skip(1)).All(b => b.First < b.Second);
        if (!isValid)
        {
            rejections.Add(Invalid);
            return null;
        }

        return Histogram(
            resource, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, point.Count, point.Sum, bounds,
            bounds.Length == 0 ? [] : [.. point.BucketCounts], isDelta, point.Exemplars);
    }

    private IncomingPoint? Read(ExponentialHistogramDataPoint point, TelemetryResource resource, bool isDelta, Rejections rejections)
    {
        if ((point.Flags & NoValue) != 0)
        {
            return null;
        }

        if (point.TimeUnixNano == 0 || !double.IsFinite(point.Sum) || ExponentialBuckets.Read(point) is not { } buckets)
        {
            rejections.Add(Invalid);
            return null;
        }

        return Histogram(
            resource, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, point.Count, point.Sum, ExponentialBuckets.Bounds, buckets, isDelta, point.Exemplars);
    }

    private IncomingPoint Histogram(
        TelemetryResource resource, RepeatedField<KeyValue> pairs, ulong since, ulong time, ulong count, double sum, double[] bounds, ulong[] buckets, bool isDelta,
        RepeatedField<Exemplar> exemplars)
    {
        var at = Moment(time).UtcTicks;
        return new(
            resource,
            attributes.Attributes(pairs),
            new() { Since = Since(since), From = at, Until = at, Value = sum, Count = count, Buckets = buckets },
            bounds,
            isDelta,
            Exemplars(exemplars, resource));
    }

    private static long Since(ulong unixNanoseconds) => unixNanoseconds == 0 ? 0 : Moment(unixNanoseconds).UtcTicks;

    private static MetricExemplar[] Exemplars(RepeatedField<Exemplar> exemplars, TelemetryResource resource)
    {
        if (exemplars.Count == 0)
        {
            return [];
        }

        var read = new List<MetricExemplar>(exemplars.Count);
        foreach (var exemplar in exemplars)
        {
            if (TraceId.From(exemplar.TraceId.Span) is { } trace && SpanId.From(exemplar.SpanId.Span) is { } span)
            {
                var value = exemplar.ValueCase == Exemplar.ValueOneofCase.AsInt ? exemplar.AsInt : exemplar.AsDouble;
                read.Add(new(resource, Moment(exemplar.TimeUnixNano), value, trace, span));
            }
        }

        return [.. read];
    }

    private static long PointCount(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Count,
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints.Count,
        Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints.Count,
        Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints.Count,
        Metric.DataOneofCase.Summary => metric.Summary.DataPoints.Count,
        _ => 0,
    };
}
