using System.Net;
using System.Net.Sockets;
using EventStreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>A stream that is written straight to its socket outlives its request, and nobody else notices.</summary>
public sealed class StreamHandoverTests(RedisServers servers) : EventStreamsContract(servers, RedisServerKind.Redis, isDirect: true)
{
    [Theory]
    [InlineData(true, false, 0)]
    [InlineData(true, true, 3)]
    [InlineData(false, false, 3)]
    public async Task Its_request_ends_where_the_stream_goes_straight_to_the_socket(bool isDirect, bool hasBody, int requestsLeft)
    {
        var requests = new RequestCount();
        await using var replica = await StartAsync(isDirect, services => services.AddSingleton<IStartupFilter>(requests));
        var streams = new List<SseStream>();
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/streams/{Topic}") { Content = hasBody ? new StringContent("?") : null };
            streams.Add(new SseStream(await replica.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)));
        }
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 3 && requests.Open == requestsLeft, $"three streams and {requestsLeft} requests");
        await PublishAsync(replica, "1", "2");
        foreach (var stream in streams)
        {
            Assert.Equal(isDirect && !hasBody, stream.Response.Headers.ConnectionClose == true);
            Assert.Equal(["1", "2"], await stream.TakeAsync(2));
            await stream.DisposeAsync();
        }
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 0 && requests.Open == 0, "all streams are over");
    }

    [Fact]
    public async Task Its_body_ends_in_order()
    {
        await using var replica = await StartAsync(isDirect: true);
        await PublishAsync(replica, "1");
        using var response = await replica.Client.GetAsync($"/streams/{Topic}", HttpCompletionOption.ResponseHeadersRead);
        var body = response.Content.ReadAsStringAsync();
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 1, "the stream is open");
        await replica.Publisher.EndAsync(Topic);
        // A body that is cut off would be an exception.
        Assert.Contains("event: stream.end", await body.WaitAsync(Eventually.DefaultLimit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_a_middleware_changes_is_written_through_it()
    {
        await using var replica = await StartAsync(isDirect: true, services =>
        {
            services.AddResponseCompression(options => options.MimeTypes = ["text/event-stream"]);
            services.AddSingleton<IStartupFilter>(new Filter(app => app.UseResponseCompression()));
        });
        using var client = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = replica.Client.BaseAddress };
        await using var stream = await SseStream.OpenAsync(client, $"/streams/{Topic}");
        Assert.Equal("stream.open", (await stream.NextEventAsync())?.Type);
        await PublishAsync(replica, "1", "2");
        Assert.Equal(["1", "2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task The_servers_limits_for_requests_still_hold()
    {
        await using var replica = await StartAsync(isDirect: true, services =>
            services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1)));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, replica.Client.BaseAddress!.Port);
        await socket.SendAsync("GET /streams/x HTTP/1.1\r\nHost:"u8.ToArray());
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        var buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer, limit.Token);
        Assert.StartsWith("HTTP/1.1 408", System.Text.Encoding.ASCII.GetString(buffer, 0, received), StringComparison.Ordinal);
    }

    private Task<Replica> StartAsync(bool isDirect, Action<IServiceCollection>? addServices = null) =>
        Replica.StartAsync(Server.ConnectionString, KeyPrefix, "a", isDirect, addServices: addServices);

    private sealed class Filter(Action<IApplicationBuilder> add) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            add(app);
            next(app);
        };
    }

    private sealed class RequestCount : IStartupFilter
    {
        private int _open;

        public int Open => Volatile.Read(ref _open);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                Interlocked.Increment(ref _open);
                try
                {
                    await rest(context);
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            });
            next(app);
        };
    }
}
