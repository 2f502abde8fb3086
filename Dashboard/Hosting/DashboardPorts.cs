namespace Dashboard.Hosting;

/// <summary>Where the dashboard listens; 0 is a free port, on IPv4 alone.</summary>
/// <param name="Page">The pages, the JSON API and telemetry over HTTP.</param>
/// <param name="Grpc">Telemetry over gRPC, which needs HTTP/2 and so, without TLS, a port of its own.</param>
public sealed record DashboardPorts(int Page, int Grpc);
