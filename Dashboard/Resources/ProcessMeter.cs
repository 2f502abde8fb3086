using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Dashboard.Resources;

/// <summary>Measures every two seconds what the processes of the replicas use.</summary>
public sealed class ProcessMeter(IResourceSource source, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, Sample> _samples = new();

    /// <summary>Raised after each round of measuring.</summary>
    public ChangeSignal Changes { get; } = new();

    /// <summary>The last measurement; null for a process that has not been measured twice, and for one that has ended.</summary>
    public ProcessUsage? Of(int? processId) => processId is { } id && _samples.TryGetValue(id, out var sample) ? sample.Usage : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Measure();
                Changes.Raise();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The normal end.
        }
    }

    private void Measure()
    {
        var ids = source.Replicas.Select(r => r.ProcessId).OfType<int>().ToHashSet();
        foreach (var gone in _samples.Keys.Where(id => !ids.Contains(id)))
        {
            _samples.TryRemove(gone, out _);
        }

        foreach (var id in ids)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                var (at, spent) = (time.GetTimestamp(), process.TotalProcessorTime);
                ProcessUsage? usage = _samples.TryGetValue(id, out var last)
                    ? new((spent - last.Spent) / time.GetElapsedTime(last.At, at), process.WorkingSet64)
                    : null;
                _samples[id] = new(at, spent, usage);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It has just ended.
                _samples.TryRemove(id, out _);
            }
        }
    }

    private sealed record Sample(long At, TimeSpan Spent, ProcessUsage? Usage);
}
