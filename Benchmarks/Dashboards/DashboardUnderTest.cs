using System.Globalization;
using Dashboard;
using Dashboard.Hosting;
using Dashboard.Resources;

namespace Benchmarks.Dashboards;

/// <summary>The dashboard in a process of its own, so that its memory is its own: <c>Benchmarks replica dashboard</c>.</summary>
internal static class DashboardUnderTest
{
    public const string Token = "token-of-the-benchmark";
    public const string Key = "key-of-the-benchmark";

    /// <summary>Runs until it is told to stop.</summary>
    public static async Task RunAsync(string[] args)
    {
        var ports = new DashboardPorts(int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole());
        await using var server = new DashboardServer(
            new DashboardOptions { BrowserToken = Token, OtlpApiKey = Key }, ports, new NoResources(), new TelemetryDestination(null), loggers, TimeProvider.System);
        await server.StartAsync(CancellationToken.None);
        var stopped = new TaskCompletionSource();
        using var signal = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stopped.TrySetResult();
        });
        await stopped.Task;
        await server.StopAsync(CancellationToken.None);
    }

    /// <summary>An app without processes: what is measured is the telemetry.</summary>
    private sealed class NoResources : IResourceSource
    {
        public ChangeSignal Changes { get; } = new();

        public IReadOnlyList<ReplicaState> Replicas => [];

        public IReadOnlyList<ConsoleLine> ConsoleLines(string replicaId) => [];

        public IAsyncEnumerable<IReadOnlyList<ConsoleLine>> WatchConsoleAsync(string replicaId, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<IReadOnlyList<ConsoleLine>>();

        public Task<string?> ExecuteAsync(string replicaId, string command, CancellationToken cancellationToken) =>
            Task.FromResult<string?>($"There is no replica '{replicaId}'.");
    }
}
