using System.Diagnostics;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>
/// Decides about spans that have no parent. Calls that a service makes by itself, such as asking the job queue for work, would each be a
/// trace: hundreds a minute of an idle application. They are dropped; the same calls inside a request's or a job's trace stay, since a span
/// with a parent follows its parent.
/// </summary>
internal sealed class RootSpanSampler : Sampler
{
    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind == ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
}
