using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Google.Protobuf;

namespace Dashboard.Otlp;

internal sealed class LogIntake(TelemetryStore store, AttributeIntake attributes, TimeProvider time) : Intake
{
    // The protocol has four numbers for each.
    private const int Grades = 4;

    public override string HttpPath => "/v1/logs";

    public override string GrpcService => "opentelemetry.proto.collector.logs.v1.LogsService";

    public override MessageParser Parser => ExportLogsRequest.Parser;

    public override ExportResponse Take(IMessage request)
    {
        var rejections = new Rejections();
        var entries = new List<LogEntry>();
        foreach (var group in ((ExportLogsRequest)request).ResourceLogs)
        {
            if (store.Resources.Get(attributes.Attributes(group.Resource?.Attributes ?? [])) is not { } resource)
            {
                rejections.Add("log records come from one process too many.", group.ScopeLogs.Sum(s => (long)s.LogRecords.Count));
                continue;
            }

            foreach (var scope in group.ScopeLogs)
            {
                var category = attributes.Shared(scope.Scope?.Name ?? "");
                foreach (var record in scope.LogRecords)
                {
                    entries.Add(Read(record, resource, category));
                }
            }
        }

        store.Logs.Add(entries);
        return rejections.Answer();
    }

    private LogEntry Read(LogRecord record, TelemetryResource resource, string category) => new()
    {
        Resource = resource,
        Time = record switch
        {
            { TimeUnixNano: > 0 } => Moment(record.TimeUnixNano),
            { ObservedTimeUnixNano: > 0 } => Moment(record.ObservedTimeUnixNano),
            _ => time.GetUtcNow(),
        },
        Severity = record.SeverityNumber is >= 1 and <= Grades * (int)LogSeverity.Critical
            ? (LogSeverity)(((record.SeverityNumber - 1) / Grades) + 1)
            : LogSeverity.Unspecified,
        Message = attributes.Text(record.Body),
        Category = category,
        EventName = record.EventName.Length > 0 ? attributes.Shared(record.EventName) : null,
        TraceId = TraceId.From(record.TraceId.Span),
        SpanId = SpanId.From(record.SpanId.Span),
        Attributes = attributes.Attributes(record.Attributes),
    };
}
