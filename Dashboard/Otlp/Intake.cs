using Dashboard.Otlp.Messages;
using Google.Protobuf;

namespace Dashboard.Otlp;

/// <summary>Takes the requests of one kind of telemetry, whichever way they come.</summary>
internal abstract class Intake
{
    /// <summary>The address of the kind over HTTP.</summary>
    public abstract string HttpPath { get; }

    /// <summary>The name of the kind's service over gRPC.</summary>
    public abstract string GrpcService { get; }

    /// <summary>Reads a request.</summary>
    public abstract MessageParser Parser { get; }

    /// <summary>Stores what a request holds, and says what could not be stored.</summary>
    public abstract ExportResponse Take(IMessage request);

    protected static DateTimeOffset Moment(ulong unixNanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(Ticks(unixNanoseconds));

    protected static long Ticks(ulong nanoseconds) => (long)(nanoseconds / TimeSpan.NanosecondsPerTick);
}
