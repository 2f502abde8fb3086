using System.Diagnostics.Metrics;
using EventStreams.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Fixtures;

/// <summary>Adds up what one replica counts under one name.</summary>
internal sealed class CounterWatch : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _total;

    public CounterWatch(Replica replica, string name)
    {
        // The replicas of this process have a meter each, told apart by the factory that made it.
        var factory = replica.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == name && instrument.Meter.Name == EventStreamsTelemetry.Name && instrument.Meter.Scope == factory)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _total, value));
        _listener.Start();
    }

    public long Total => Interlocked.Read(ref _total);

    public void Dispose() => _listener.Dispose();
}
