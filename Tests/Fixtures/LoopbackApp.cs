using EventStreams.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>What apps in this process have in common: a port of their own on loopback, no log, and connections that are set up for
/// streams.</summary>
internal static class LoopbackApp
{
    /// <summary>Begins an app with these settings.</summary>
    public static WebApplicationBuilder CreateBuilder(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseEventStreamTransport();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        return builder;
    }

    /// <summary>A client of an app that has started. Its streams may be silent for as long as they like.</summary>
    public static HttpClient CreateClient(this WebApplication app) =>
        new() { BaseAddress = new Uri(app.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Stops an app without waiting for its streams.</summary>
    public static async ValueTask EndAsync(this WebApplication app)
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }
}
