using System.ComponentModel.DataAnnotations;

namespace Worker;

/// <summary>Settings of a worker, bound from the configuration section <c>Worker</c>.</summary>
internal sealed class WorkerOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Worker";

    /// <summary>Jobs that are worked on at the same time. The offline engine keeps one core busy for each.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 2;

    /// <summary>How often an idle worker asks for work, beside being woken by the queue.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How fast the media's clock goes for jobs of pace <c>realtime</c>: 1 is real time; more is for demonstrations and tests that
    /// cannot wait as long as a viewer would.</summary>
    [Range(0.1, 100)]
    public double RealtimeSpeed { get; set; } = 1;

    /// <summary>The worker's name in events and logs. Default: <c>EventStreams:ReplicaId</c>, which by default is this instance's
    /// own.</summary>
    [StringLength(100)]
    public string? Name { get; set; }
}
