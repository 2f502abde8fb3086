using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Tests.Fixtures;

namespace Tests.Integration.Hosting.Dashboards;

/// <summary>Services learn where their telemetry goes.</summary>
public sealed class TelemetryTargetTests
{
    [Fact]
    public async Task A_service_sends_its_telemetry_to_the_dashboard_under_the_name_of_its_replica()
    {
        await using var dashboard = await RunningDashboard.StartAsync(app => app.AddProject<Projects.Web>("web"));

        var replica = await RunningAsync(dashboard);

        await Eventually.HoldsAsync(() => dashboard.Telemetry.Logs.Query(new() { Resource = replica.ResourceId }).Matching > 0, "its logs come");
        await Eventually.HoldsAsync(
            () => dashboard.Telemetry.Metrics.Instruments(replica.ResourceId).Any(i => i.Name == "dotnet.process.memory.working_set"), "its metrics come");
    }

    [Fact]
    public async Task A_receiver_that_the_host_was_told_gets_the_telemetry_instead()
    {
        await using var dashboard = await RunningDashboard.StartAsync(
            app => app.AddProject<Projects.Web>("web"),
            "--OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:1",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_EXPORTER_OTLP_HEADERS=key=value");

        var replica = await RunningAsync(dashboard);

        var variables = replica.Snapshot.EnvironmentVariables.ToDictionary(v => v.Name, v => v.Value);
        Assert.Equal("http://localhost:1", variables["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("http/protobuf", variables["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Equal("key=value", variables["OTEL_EXPORTER_OTLP_HEADERS"]);
        using var client = dashboard.Script();
        Assert.Contains("goes to <strong>http://localhost:1</strong>", await client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    private static async Task<ResourceEvent> RunningAsync(RunningDashboard dashboard)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        return await dashboard.App.ResourceNotifications.WaitForResourceAsync("web", e => e.Snapshot.State?.Text == KnownResourceStates.Running, limit.Token);
    }
}
