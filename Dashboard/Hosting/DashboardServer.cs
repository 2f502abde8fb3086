using System.Globalization;
using System.Net;
using Dashboard.Api;
using Dashboard.Components;
using Dashboard.Components.Live;
using Dashboard.Consoles;
using Dashboard.Otlp;
using Dashboard.Resources;
using Dashboard.Security;
using Dashboard.Telemetry;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.FluentUI.AspNetCore.Components;

namespace Dashboard.Hosting;

/// <summary>The dashboard as a web server inside the process of the app's host. It listens on this machine's loopback addresses alone.</summary>
public sealed class DashboardServer : IAsyncDisposable
{
    // A page that stays open must not hold up the end of the app.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly DashboardSecrets _secrets;
    private readonly DashboardPorts _ports;
    private ListenOptions? _page;
    private ListenOptions? _grpc;

    /// <summary>Makes the server; it listens from <see cref="StartAsync"/> on.</summary>
    /// <param name="options">Its settings, validated.</param>
    /// <param name="ports">Where it listens.</param>
    /// <param name="resources">The app that it shows.</param>
    /// <param name="destination">Where the telemetry of the app goes.</param>
    /// <param name="loggers">Where its own log goes.</param>
    /// <param name="time">The clock.</param>
    public DashboardServer(
        DashboardOptions options, DashboardPorts ports, IResourceSource resources, TelemetryDestination destination, ILoggerFactory loggers, TimeProvider time)
    {
        (_secrets, _ports, Telemetry) = (new(options), ports, new(options.Limits, time));

        // An empty builder: the settings and variables of the app's host are not meant for a second server in its process.
        var builder = WebApplication.CreateEmptyBuilder(new()
        {
            ApplicationName = typeof(DashboardServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Listen);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(_secrets);
        builder.Services.AddSingleton(resources);
        builder.Services.AddSingleton<ResourceColors>();
        builder.Services.AddSingleton(destination);
        builder.Services.AddSingleton(Telemetry);
        builder.Services.AddSingleton<ProcessMeter>().AddHostedService(s => s.GetRequiredService<ProcessMeter>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopLimit);
        builder.Services.AddOtlp(options);
        builder.Services.AddDashboardApi();
        builder.Services.AddRoutingCore();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddHostFiltering(filter => filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        builder.Services.AddDashboardAccess(_secrets, ports.Page);
        builder.Services.AddFluentUIComponents();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();

        _app = builder.Build();
        _app.UseHostFiltering();
        _app.UseSameOrigin();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.UseAntiforgery();
        _app.MapStaticAssets().AllowAnonymous();
        _app.MapOtlp();
        _app.MapDashboardApi();
        _app.MapConsoleDownload();
        _app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }

    /// <summary>What was received.</summary>
    public TelemetryStore Telemetry { get; }

    /// <summary>Where the dashboard is.</summary>
    public Uri Address => At(_ports.Page != 0 ? _ports.Page : _page!.IPEndPoint!.Port);

    /// <summary>Where services send their telemetry over gRPC; over HTTP it is <see cref="Address"/>.</summary>
    public Uri GrpcAddress => At(_ports.Grpc != 0 ? _ports.Grpc : _grpc!.IPEndPoint!.Port);

    /// <summary>What a service must show to send telemetry, in the header <c>x-otlp-api-key</c>.</summary>
    public string OtlpApiKey => _secrets.OtlpApiKey;

    /// <summary>The address that lets whoever opens it in.</summary>
    public Uri LoginAddress => new(Address, $"{DashboardAccess.LoginPath}?t={_secrets.BrowserToken}");

    /// <exception cref="IOException">A port is in use.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Uri At(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));

    private void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        Listen(kestrel, _ports.Page, page => (_page, page.Protocols) = (page, HttpProtocols.Http1));
        Listen(kestrel, _ports.Grpc, grpc => (_grpc, grpc.Protocols) = (grpc, HttpProtocols.Http2));
    }

    private static void Listen(KestrelServerOptions kestrel, int port, Action<ListenOptions> configure)
    {
        if (port == 0)
        {
            // Two address families cannot be given the same free port in one step.
            kestrel.Listen(IPAddress.Loopback, 0, configure);
        }
        else
        {
            kestrel.ListenLocalhost(port, configure);
        }
    }
}
