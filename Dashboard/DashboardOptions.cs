using System.ComponentModel.DataAnnotations;
using Dashboard.Telemetry;
using Microsoft.Extensions.Options;

namespace Dashboard;

/// <summary>The settings of the dashboard, section <c>Dashboard</c> of the AppHost.</summary>
public sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>Whether there is a dashboard; by default there is, except under test.</summary>
    public bool? Enabled { get; set; }

    /// <summary>What opens the dashboard; by default a new one for each run.</summary>
    [MinLength(8)]
    public string? BrowserToken { get; set; }

    /// <summary>What a service must show to send telemetry; by default a new one for each run.</summary>
    [MinLength(8)]
    public string? OtlpApiKey { get; set; }

    /// <summary>The size of a request with telemetry, packed and unpacked; larger ones are refused.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MaxRequestBytes { get; set; } = 16 << 20;

    /// <summary>How much telemetry is kept.</summary>
    [ValidateObjectMembers]
    public TelemetryLimits Limits { get; set; } = new();
}
