using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventStreams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Connections that the app configures or brings along.</summary>
public sealed class ConnectionTests(RedisServers servers)
{
    private static readonly Topic Topic = Topic.Parse("orders");

    [Fact]
    public async Task A_password_that_renews_itself_is_asked_for_at_every_connection()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        var tokens = new RenewingPassword { Current = server.Password };
        await using var replica = await StartAsync(
            "",
            options => options.Connection = new ConfigurationOptions { EndPoints = { { "127.0.0.1", server.Port } }, Defaults = tokens }
        );
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        await using (var admin = await server.ConnectAsync())
        {
            await admin.GetDatabase().ExecuteAsync("CONFIG", "SET", "requirepass", "renewed");
            tokens.Current = "renewed";
            foreach (var kind in (string[])["pubsub", "normal"])
                await admin.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes");
        }
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    await PublishAsync(replica, "2");
                    return true;
                }
                catch (EventStreamUnavailableException)
                {
                    return false;
                }
            },
            "the publisher is connected again"
        );
        Assert.Equal(["2"], await stream.TakeAsync(1));
        await PublishAsync(replica, "3");
        Assert.Equal(["3"], await stream.TakeAsync(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_apps_own_callback_decides_about_the_certificate_of_every_connection(bool isTrusted)
    {
        using var folder = new TemporaryFolder();
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=redis",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(folder["redis.crt"], certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(folder["redis.key"], key.ExportPkcs8PrivateKeyPem());
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        var port = RedisServer.FindFreePort();
        await server.RestartAsync([
            "--tls-port",
            $"{port}",
            "--tls-cert-file",
            folder["redis.crt"],
            "--tls-key-file",
            folder["redis.key"],
            "--tls-auth-clients",
            "no",
        ]);
        var asked = 0;
        var connection = new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", port } },
            Password = server.Password,
            Ssl = true,
        };
        connection.CertificateValidation += (_, shown, _, _) =>
        {
            Interlocked.Increment(ref asked);
            return isTrusted && shown!.GetCertHashString() == certificate.GetCertHashString();
        };
        await using var replica = await StartAsync(
            "",
            options => (options.Connection, options.RedisTimeout) = (connection, TimeSpan.FromSeconds(isTrusted ? 15 : 1))
        );
        if (!isTrusted)
        {
            await Assert.ThrowsAsync<EventStreamUnavailableException>(() => PublishAsync(replica, "1"));
            return;
        }
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        Assert.True(
            Volatile.Read(ref asked) >= 3,
            $"The callback was asked {asked} times, and not for publishes, reads and subscriptions."
        );
    }

    [Fact]
    public async Task The_apps_own_connection_is_used_and_left_open()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var own = await server.ConnectAsync(options => options.ClientName = "the-apps-own");
        await using (
            var replica = await StartAsync(
                "",
                configure: null,
                services =>
                    services
                        .AddSingleton<IConnectionMultiplexer>(own)
                        .AddOptions<EventStreamsOptions>()
                        .Configure<IConnectionMultiplexer>((options, connection) => options.ConnectionMultiplexer = connection)
            )
        )
        {
            await using var stream = await replica.OpenAsync(Topic);
            var before = own.OperationCount;
            await PublishAsync(replica, "1");
            Assert.Equal(["1"], await stream.TakeAsync(1));
            Assert.True(own.OperationCount > before);
        }
        Assert.True(own.IsConnected);
        await own.GetDatabase().PingAsync();
    }

    [Fact]
    public async Task The_health_check_tells_when_redis_is_away()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        await using var replica = await StartAsync(server.ConnectionString, options => options.RedisTimeout = TimeSpan.FromSeconds(1));
        var health = replica.Services.GetRequiredService<HealthCheckService>();
        await Eventually.HoldsAsync(async () => await StatusAsync() == HealthStatus.Healthy, "Redis is reached");
        await server.KillAsync();
        await Eventually.HoldsAsync(async () => await StatusAsync() == HealthStatus.Degraded, "it is noticed that Redis is away");
        await server.RestartAsync();
        await Eventually.HoldsAsync(async () => await StatusAsync() == HealthStatus.Healthy, "Redis is reached again");

        async Task<HealthStatus> StatusAsync() => (await health.CheckHealthAsync()).Entries["event-streams-redis"].Status;
    }

    private static Task<Replica> StartAsync(
        string connectionString,
        Action<EventStreamsOptions>? configure,
        Action<IServiceCollection>? addServices = null
    ) => Replica.StartAsync(connectionString, RedisServers.CreateKeyPrefix(), "a", isDirect: false, configure, addServices);

    private static async Task PublishAsync(Replica replica, string text) =>
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", text));

    private sealed class RenewingPassword : DefaultOptionsProvider
    {
        public required string Current { get; set; }

        public override string? Password => Current;
    }
}
