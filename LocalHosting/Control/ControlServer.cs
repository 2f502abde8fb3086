using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using LocalHosting.Inspection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalHosting.Control;

/// <summary>
/// Lets the app's own services see its replicas, and stop and start them: what a demonstration of failures needs. Only in Development, only on this machine's loopback address, and only for whoever shows the token of this run, which the
/// services get in <see cref="TokenVariable"/>.
/// </summary>
internal sealed class ControlServer(ResourceSource resources, IHostEnvironment environment, DistributedApplicationExecutionContext context, ILoggerFactory loggers)
    : IHostedService, IAsyncDisposable
{
    public const string AddressVariable = "LOCALHOSTING_CONTROL_URL";
    public const string TokenVariable = "LOCALHOSTING_CONTROL_TOKEN";
    private const string Scheme = "Bearer ";
    private const int TokenBytes = 16;

    private WebApplication? _app;
    private ListenOptions? _listening;

    /// <summary>Where it listens; null while it does not.</summary>
    public string? Address => _listening?.IPEndPoint is { Port: > 0 } bound ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{bound.Port}") : null;

    public string Token { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (context.IsPublishMode || !environment.IsDevelopment())
        {
            return Task.CompletedTask;
        }

        // An empty builder: the settings and variables of the app's host are not meant for a second server in its process.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => _listening = listen));
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Use(CheckAsync);
        _app.MapGet("/replicas", ListAsync);
        _app.MapPost("/replicas/{id}/{command}", CommandAsync);
        return _app.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        var given = http.Request.Headers.Authorization.ToString();
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Scheme + Token)))
        {
            return next(http);
        }

        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = Scheme.TrimEnd();
        return Task.CompletedTask;
    }

    private Task ListAsync(HttpContext http) => http.Response.WriteAsJsonAsync(
        resources.Replicas.Select(r => new ControlledReplica(r.Id, r.Resource, r.State, r.Health?.ToString(), r.Commands)), http.RequestAborted);

    private async Task CommandAsync(HttpContext http)
    {
        var (id, command) = ((string)http.GetRouteValue("id")!, (string)http.GetRouteValue("command")!);
        if (await resources.ExecuteAsync(id, command, http.RequestAborted).ConfigureAwait(false) is not { } refusal)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        http.Response.StatusCode = StatusCodes.Status409Conflict;
        await http.Response.WriteAsJsonAsync(new { Detail = refusal }, http.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>A replica as the services see it.</summary>
/// <param name="Commands">What can be done with it now, such as <c>stop</c>.</param>
internal sealed record ControlledReplica(string Id, string Resource, string? State, string? Health, IReadOnlyList<string> Commands);
