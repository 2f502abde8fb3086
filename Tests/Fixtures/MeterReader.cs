using System.Diagnostics.Metrics;
using EventStreams.Telemetry;

namespace Tests.Fixtures;

/// <summary>Adds up what one replica's instruments are told, from its making on.</summary>
internal sealed class MeterReader : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, string?> _units = [];
    private readonly Dictionary<(string Instrument, string? Tag), double> _sums = [];
    private readonly Dictionary<string, long> _counts = [];
    private long _observed;

    public MeterReader(Replica replica)
    {
        var meters = replica.Meters;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != EventStreamsTelemetry.Name || instrument.Meter.Scope != meters)
                return;
            lock (_gate)
                _units[instrument.Name] = instrument.Unit;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The instruments and their units.</summary>
    public IReadOnlyDictionary<string, string?> Units
    {
        get
        {
            lock (_gate)
                return new Dictionary<string, string?>(_units);
        }
    }

    /// <summary>The sum of what an instrument was told, with this value of its tag, or without tags.</summary>
    public double Sum(string instrument, string? tag = null)
    {
        lock (_gate)
            return _sums.GetValueOrDefault((instrument, tag));
    }

    /// <summary>How often an instrument was told something, whatever its tags.</summary>
    public long Count(string instrument)
    {
        lock (_gate)
            return _counts.GetValueOrDefault(instrument);
    }

    /// <summary>What an instrument that is asked says now.</summary>
    public long Observe(string instrument)
    {
        _listener.RecordObservableInstruments();
        lock (_gate)
            return _units.ContainsKey(instrument)
                ? _observed
                : throw new InvalidOperationException($"There is no instrument {instrument}.");
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (instrument.IsObservable)
            {
                _observed = (long)value;
                return;
            }
            var key = (instrument.Name, tags.Length > 0 ? (string?)tags[0].Value : null);
            _sums[key] = _sums.GetValueOrDefault(key) + value;
            _counts[instrument.Name] = _counts.GetValueOrDefault(instrument.Name) + 1;
        }
    }
}
