using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventStreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
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
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/streams/{Topic}")
            {
                Content = hasBody ? new StringContent("?") : null,
            };
            streams.Add(new SseStream(await replica.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)));
        }
        await Eventually.HoldsAsync(
            () => replica.Hub.StreamCount == 3 && requests.Open == requestsLeft,
            $"three streams and {requestsLeft} requests"
        );
        await PublishAsync(replica, "1", "2");
        foreach (var stream in streams)
        {
            Assert.True(stream.Response.Headers.ConnectionClose);
            Assert.Equal(["1", "2"], await stream.TakeAsync(2));
            await stream.DisposeAsync();
        }
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 0 && requests.Open == 0, "all streams are over");
    }

    [Theory]
    [InlineData(true, "http", 1)]
    [InlineData(true, "https", 1)]
    [InlineData(false, "https", 0)]
    public async Task What_a_proxy_says_of_its_own_connection_does_not_count(bool isTls, string forwarded, int requestsLeft)
    {
        var requests = new RequestCount();
        using var certificate = SelfSigned();
        await using var replica = await Replica.StartAsync(
            Server.ConnectionString,
            KeyPrefix,
            "a",
            isDirect: true,
            addServices: services =>
            {
                services.AddSingleton<IStartupFilter>(requests);
                services.AddSingleton<IStartupFilter>(
                    new Filter(app => app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedProto }))
                );
            },
            listen: endpoint =>
            {
                if (isTls)
                    endpoint.UseHttps(certificate);
            }
        );
        using var client = new HttpClient(
            new HttpClientHandler
            {
                ServerCertificateCustomValidationCallback = (_, served, _, _) => served!.Thumbprint == certificate.Thumbprint,
            }
        );
        client.BaseAddress = replica.Client.BaseAddress;
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", forwarded);
        await using var stream = await SseStream.OpenAsync(client, $"/streams/{Topic}");
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        await Eventually.HoldsAsync(() => requests.Open == requestsLeft, $"{requestsLeft} requests are open");
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_the_connections_of_streams_get_the_settings_of_streams(bool isDirect)
    {
        var settings = new System.Collections.Concurrent.ConcurrentDictionary<string, (Socket Socket, MinDataRate? Rate)>();
        await using var replica = await StartAsync(
            isDirect,
            services =>
                services.AddSingleton<IStartupFilter>(
                    new Filter(app =>
                        app.Use(
                            async (context, next) =>
                            {
                                var rate = context.Features.GetRequiredFeature<IHttpMinResponseDataRateFeature>();
                                context.Response.OnStarting(() =>
                                {
                                    settings[context.Request.Path] = (
                                        context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket,
                                        rate.MinDataRate
                                    );
                                    return Task.CompletedTask;
                                });
                                await next(context);
                            }
                        )
                    )
                )
        );
        await using var stream = await replica.OpenAsync(Topic);
        Assert.Equal("stream.open", (await stream.NextEventAsync())?.Type);
        using var answer = await replica.Client.GetAsync("/other");

        using var plain = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await plain.ConnectAsync(IPAddress.Loopback, replica.Client.BaseAddress!.Port);
        Assert.True(
            settings["/other"].Socket.SendBufferSize >= plain.SendBufferSize,
            "An ordinary answer's buffer is smaller than the system's."
        );
        Assert.NotNull(settings["/other"].Rate);
        Assert.Equal(32 * 1024, UnsentLimit(settings[$"/streams/{Topic}"].Socket));
        Assert.NotEqual(32 * 1024, UnsentLimit(settings["/other"].Socket));
        Assert.Null(settings[$"/streams/{Topic}"].Rate);
    }

    // TCP_NOTSENT_LOWAT of Linux.
    private static int UnsentLimit(Socket socket)
    {
        var value = new byte[sizeof(int)];
        socket.GetRawSocketOption(6, 25, value);
        return BitConverter.ToInt32(value);
    }

    [Fact]
    public async Task A_body_that_a_middleware_changes_is_written_through_it()
    {
        await using var replica = await StartAsync(
            isDirect: true,
            services =>
            {
                services.AddResponseCompression(options => options.MimeTypes = ["text/event-stream"]);
                services.AddSingleton<IStartupFilter>(new Filter(app => app.UseResponseCompression()));
            }
        );
        using var client = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All })
        {
            BaseAddress = replica.Client.BaseAddress,
        };
        await using var stream = await SseStream.OpenAsync(client, $"/streams/{Topic}");
        Assert.Equal("stream.open", (await stream.NextEventAsync())?.Type);
        await PublishAsync(replica, "1", "2");
        Assert.Equal(["1", "2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task The_servers_limits_for_requests_still_hold()
    {
        await using var replica = await StartAsync(
            isDirect: true,
            services => services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1))
        );
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

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
    }

    private sealed class Filter(Action<IApplicationBuilder> add) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                add(app);
                next(app);
            };
    }

    private sealed class RequestCount : IStartupFilter
    {
        private int _open;

        public int Open => Volatile.Read(ref _open);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Use(
                    async (context, rest) =>
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
                    }
                );
                next(app);
            };
    }
}
