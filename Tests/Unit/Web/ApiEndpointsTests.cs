using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Web.Forwarding;

namespace Tests.Unit.Web;

/// <summary>Connections to a service that has several addresses, as it has without a balancer in front.</summary>
public sealed class ApiEndpointsTests
{
    [Fact]
    public async Task A_dial_that_fails_is_tried_elsewhere_and_each_request_has_a_connection_of_its_own()
    {
        var (first, second) = (await StartAsync(), await StartAsync());
        await using var one = first.App;
        await using var two = second.App;
        await using var services = Discover(first.Address, $"http://127.0.0.1:{ClosedPort()}", second.Address);
        using var http = new HttpClient(services.GetRequiredService<ApiEndpoints>().CreateHandler())
        {
            BaseAddress = new Uri(ApiEndpoints.Service),
        };

        var connections = new HashSet<string>();
        var servers = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            var answer = await http.GetStringAsync("whoami");
            connections.Add(answer);
            servers.Add(answer.Split(' ')[0]);
        }

        Assert.Equal(40, connections.Count);
        Assert.Equal(2, servers.Count);
    }

    [Fact]
    public async Task When_nobody_answers_the_error_names_the_addresses_that_were_tried()
    {
        var port = ClosedPort();
        await using var services = Discover($"http://127.0.0.1:{port}");
        using var http = new HttpClient(services.GetRequiredService<ApiEndpoints>().CreateHandler())
        {
            BaseAddress = new Uri(ApiEndpoints.Service),
        };
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("whoami"));
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Discover(params string[] addresses)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(addresses.Select((address, i) => KeyValuePair.Create($"services:api:http:{i}", (string?)address)))
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddLogging();
        services.AddServiceDiscovery();
        services.AddSingleton<ApiEndpoints>();
        return services.BuildServiceProvider();
    }

    private static async Task<(WebApplication App, string Address)> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/whoami", (HttpContext context) => $"{context.Connection.LocalPort} {context.Connection.RemotePort}");
        await app.StartAsync();
        return (app, app.Urls.Single());
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
