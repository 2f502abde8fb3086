using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EventStreams;
using EventStreams.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The endpoints in an app that has nothing else: no problem details of its own, no other middleware.</summary>
public sealed class EndpointTests(RedisServers servers)
{
    [Fact]
    public async Task Streams_and_publishing_are_endpoints_like_any_other()
    {
        var filtered = 0;
        await using var app = await StartAsync(app =>
        {
            app.MapEventStream("/live/{topic}")
                .WithName("live")
                .WithMetadata("mine")
                .AddEndpointFilter(
                    (context, next) =>
                        context.HttpContext.Request.Headers.ContainsKey("X-Pass")
                            ? next(context)
                            : ValueTask.FromResult<object?>(Results.StatusCode(StatusCodes.Status401Unauthorized))
                );
            app.MapEventPublish("/live/{topic}")
                .WithName("publish")
                .AddEndpointFilter(
                    (context, next) =>
                    {
                        filtered++;
                        return next(context);
                    }
                );
        });
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var refused = await client.GetAsync("/live/news");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        using var published = await client.PostAsync("/live/news", new StringContent("hello"));
        Assert.Equal((HttpStatusCode.Accepted, "/live/news", 1), (published.StatusCode, published.Headers.Location?.ToString(), filtered));
        var id = (await published.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        client.DefaultRequestHeaders.Add("X-Pass", "1");
        await using var stream = await SseStream.OpenAsync(client, "/live/news");
        Assert.Equal(new SseBlock(id, null, "hello", null, null), await stream.NextAfterOpenAsync());

        using var problem = await client.GetAsync("/live/a%20b");
        Assert.Equal(
            (HttpStatusCode.BadRequest, "application/problem+json"),
            (problem.StatusCode, problem.Content.Headers.ContentType?.MediaType)
        );
        Assert.Contains(
            "A topic's name",
            (await problem.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );

        var links = app.Services.GetRequiredService<LinkGenerator>();
        Assert.Equal("/live/x", links.GetPathByName("live", new { topic = "x" }));
        var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        Assert.Contains(endpoints, endpoint => endpoint.Metadata.GetMetadata<string>() == "mine");
    }

    [Fact]
    public async Task A_published_body_within_the_limit_is_taken_however_it_is_sent_and_one_beyond_it_is_not()
    {
        await using var app = await StartAsync(app => app.MapEventPublish("/{topic}"), options => options.MaxPayloadBytes = 10_000);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        foreach (var isDeclared in (bool[])[true, false])
        {
            foreach (var (length, status) in ((int, int)[])[(1, 202), (4096, 202), (10_000, 202), (10_001, 413), (0, 400)])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/news")
                {
                    Content = new ByteArrayContent(new string('x', length).Select(c => (byte)c).ToArray()),
                };
                request.Headers.TransferEncodingChunked = !isDeclared;
                using var answer = await client.SendAsync(request);
                Assert.Equal((length, isDeclared, status), (length, isDeclared, (int)answer.StatusCode));
            }
        }
    }

    private async Task<WebApplication> StartAsync(Action<WebApplication> map, Action<EventStreamsOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = await servers.GetAsync(RedisServerKind.Redis);
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["ConnectionStrings:redis"] = server.ConnectionString }
        );
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddEventStreams(
            "redis",
            options =>
            {
                options.KeyPrefix = RedisServers.CreateKeyPrefix();
                configure?.Invoke(options);
            }
        );
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }
}
