namespace Dashboard.Hosting;

/// <summary>Where the dashboard listens; 0 is a free port, on IPv4 alone.</summary>
/// <param name="Page">The pages, the JSON API and telemetry over HTTP.</param>
public sealed record DashboardPorts(int Page);
