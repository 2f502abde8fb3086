using System.Net.Http.Headers;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Dashboard.Hosting;
using Dashboard.Telemetry;
using LocalHosting.Inspection;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Integration.Hosting.Dashboards;

/// <summary>The dashboard of an app, by default of one without resources.</summary>
internal sealed class RunningDashboard : IAsyncDisposable
{
    public const string Token = "a-token-for-the-test";

    private readonly IDistributedApplicationTestingBuilder _builder;

    private RunningDashboard(IDistributedApplicationTestingBuilder builder, DistributedApplication app) => (_builder, App) = (builder, app);

    public DistributedApplication App { get; }

    public DashboardServer Server => App.Services.GetRequiredService<DashboardHost>().Server!;

    public TelemetryStore Telemetry => Server.Telemetry;

    public static Task<RunningDashboard> StartAsync(params string[] args) => StartAsync(_ => { }, args);

    public static async Task<RunningDashboard> StartAsync(Action<IDistributedApplicationTestingBuilder> describe, params string[] args)
    {
        var builder = DistributedApplicationTestingBuilder.Create(["--Dashboard:Enabled=true", $"--Dashboard:BrowserToken={Token}", .. args]);
        describe(builder);
        var running = new RunningDashboard(builder, await builder.BuildAsync());
        try
        {
            await running.App.StartAsync();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client with the token of scripts.</summary>
    public HttpClient Script() => new() { BaseAddress = Server.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };

    /// <summary>A client with the key of services.</summary>
    public HttpClient Service() => new() { BaseAddress = Server.Address, DefaultRequestHeaders = { { "x-otlp-api-key", Server.OtlpApiKey } } };

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _builder.DisposeAsync();
    }
}
