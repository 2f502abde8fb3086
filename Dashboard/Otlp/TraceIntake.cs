using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Traces;
using Google.Protobuf;

namespace Dashboard.Otlp;

internal sealed class TraceIntake(TelemetryStore store, AttributeIntake attributes) : Intake
{
    public override string HttpPath => "/v1/traces";

    public override string GrpcService => "opentelemetry.proto.collector.trace.v1.TraceService";

    public override MessageParser Parser => ExportTracesRequest.Parser;

    public override ExportResponse Take(IMessage request)
    {
        var rejections = new Rejections();
        var spans = new List<Span>();
        foreach (var group in ((ExportTracesRequest)request).ResourceSpans)
        {
            if (store.Resources.Get(attributes.Attributes(group.Resource?.Attributes ?? [])) is not { } resource)
            {
                rejections.Add("spans come from one process too many.", group.ScopeSpans.Sum(s => (long)s.Spans.Count));
                continue;
            }

            foreach (var scope in group.ScopeSpans)
            {
                var name = attributes.Shared(scope.Scope?.Name ?? "");
                foreach (var message in scope.Spans)
                {
                    if (TraceId.From(message.TraceId.Span) is { } trace && SpanId.From(message.SpanId.Span) is { } id)
                    {
                        spans.Add(Read(message, trace, id, resource, name));
                    }
                    else
                    {
                        rejections.Add("spans have no valid trace id or span id.");
                    }
                }
            }
        }

        rejections.Add("spans belong to traces that are too large to be kept.", store.Traces.Add(spans));
        return rejections.Answer();
    }

    private Span Read(SpanMessage message, TraceId trace, SpanId id, TelemetryResource resource, string scope) => new()
    {
        TraceId = trace,
        Id = id,
        ParentId = SpanId.From(message.ParentSpanId.Span),
        Resource = resource,
        Name = attributes.Shared(message.Name),
        Kind = message.Kind is > 0 and <= (int)SpanKind.Consumer ? (SpanKind)message.Kind : SpanKind.Unspecified,
        Scope = scope,
        Start = Moment(message.StartTimeUnixNano),
        Duration = new(Math.Max(0, Ticks(message.EndTimeUnixNano) - Ticks(message.StartTimeUnixNano))),
        Status = message.Status?.Code is { } code and > 0 and <= (int)SpanStatus.Error ? (SpanStatus)code : SpanStatus.Unset,
        StatusMessage = message.Status?.Message is { Length: > 0 } text ? attributes.Shared(text) : null,
        Attributes = attributes.Attributes(message.Attributes),
        Events = [.. message.Events.Select(e => new SpanEvent(attributes.Shared(e.Name), Moment(e.TimeUnixNano), attributes.Attributes(e.Attributes)))],
        Links = [.. message.Links.Select(Read).OfType<SpanLink>()],
    };

    private SpanLink? Read(LinkMessage link) => TraceId.From(link.TraceId.Span) is { } trace && SpanId.From(link.SpanId.Span) is { } span
        ? new(trace, span, attributes.Attributes(link.Attributes))
        : null;
}
