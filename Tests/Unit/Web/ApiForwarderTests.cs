using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tests.Fixtures;
using Web.Forwarding;
using Web.Security;

namespace Tests.Unit.Web;

public sealed class ApiForwarderTests
{
    [Fact]
    public async Task A_stream_that_is_taken_and_not_answered_is_told_to_come_back()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new FakeTimeProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("services:api:http:0", $"http://{silent.LocalEndpoint}")]);
        builder.Services.AddServiceDiscovery();
        builder.AddApiForwarding();
        builder.Services.AddScoped<ApiCredentials>();
        await using var app = builder.Build();
        // Only the limit goes by the test's clock.
        using var forwarder = ActivatorUtilities.CreateInstance<ApiForwarder>(app.Services, time);
        app.Run(forwarder.ForwardAsync);
        await app.StartAsync();

        using var browser = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/streams/news")
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/event-stream") } },
        };
        var asking = browser.SendAsync(request);
        using var taken = await silent.AcceptSocketAsync().WaitAsync(Eventually.DefaultLimit);
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return asking.IsCompleted;
            },
            "the stream is answered"
        );
        using var answer = await asking;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("event: stream.busy\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
