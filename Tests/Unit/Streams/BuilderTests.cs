using EventStreams;
using EventStreams.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Tests.Unit.Streams;

public sealed class BuilderTests
{
    [Fact]
    public async Task Adding_the_streams_twice_is_adding_them_once()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:redis"] = "localhost:1";
        builder.AddEventStreams("redis", options => options.PageSize = 7);
        builder.AddEventStreams("redis", options => options.RingCapacity = 77);
        await using var app = builder.Build();
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(["event-streams", "event-streams-redis"], report.Entries.Keys.Order());
        Assert.Equal(
            (HealthStatus.Healthy, HealthStatus.Degraded),
            (report.Entries["event-streams"].Status, report.Entries["event-streams-redis"].Status)
        );
        var options = app.Services.GetRequiredService<IOptions<EventStreamsOptions>>().Value;
        Assert.Equal((7, 77), (options.PageSize, options.RingCapacity));
    }

    [Fact]
    public void Retention_is_bound_from_configuration()
    {
        var options = Bind(
            new()
            {
                ["EventStreams:Retention:0:Pattern"] = "sensor:*",
                ["EventStreams:Retention:0:Length"] = "7",
                ["EventStreams:Retention:1:Pattern"] = "*",
                ["EventStreams:Retention:1:Bytes"] = "1000",
                ["EventStreams:Retention:1:TimeToLive"] = "00:10:00",
            }
        );
        Assert.Equal(new LogLimits(7, 0, options.LogTimeToLive), options.LimitsOf(Topic.Parse("sensor:1")));
        Assert.Equal(new LogLimits(options.MaxLogLength, 1000, TimeSpan.FromMinutes(10)), options.LimitsOf(Topic.Parse("other")));
    }

    [Theory]
    [InlineData("EventStreams:Retention:0:Length", "7", "Retention")]
    [InlineData("EventStreams:Retention:0:Pattern", "a b", "Retention")]
    [InlineData("EventStreams:MaxLogLength", "1", "MaxLogLength")]
    [InlineData("ConnectionStrings:redis", "", "connection string 'redis'")]
    [InlineData("ConnectionStrings:redis", "localhost:1,nonsense=7", "connection string 'redis'")]
    public async Task What_is_not_valid_is_refused_when_the_app_starts(string key, string value, string about)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:redis"] = "localhost:1";
        builder.Configuration[key] = value;
        builder.AddEventStreams("redis");
        await using var app = builder.Build();
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(about, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_has_settings_of_its_own()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:redis"] = "localhost:1",
                ["EventStreams:PageSize"] = "7",
                ["EventStreams:Instances:other:PageBytes"] = "8",
                ["EventStreams:Instances:other:KeyPrefix"] = "other",
                ["EventStreams:Instances:other:Access:Policy"] = "followers",
            }
        );
        builder.AddEventStreams("redis");
        builder.AddEventStreams("redis", options => options.RingCapacity = 77, key: "other");
        builder.AddEventStreams("redis", options => options.MaxStreams = 78, key: "other");
        await using var app = builder.Build();
        var defaults = new EventStreamsOptions();
        var own = app.Services.GetRequiredService<IOptions<EventStreamsOptions>>().Value;
        Assert.Equal((7, defaults.PageBytes, "es", defaults.RingCapacity), (own.PageSize, own.PageBytes, own.KeyPrefix, own.RingCapacity));
        var other = app.Services.GetRequiredKeyedService<IOptions<EventStreamsOptions>>("other").Value;
        Assert.Equal(
            (defaults.PageSize, 8, "other", 77, 78),
            (other.PageSize, other.PageBytes, other.KeyPrefix, other.RingCapacity, other.MaxStreams)
        );
        Assert.Equal("localhost:1", other.ConnectionString);
        Assert.Null(app.Services.GetRequiredService<IOptions<StreamAccessOptions>>().Value.Policy);
        Assert.Equal("followers", app.Services.GetRequiredKeyedService<IOptions<StreamAccessOptions>>("other").Value.Policy);
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(4, report.Entries.Count);
    }

    [Theory]
    [InlineData("EventStreams:Instances:other:PageSize", "0", "PageSize")]
    [InlineData("EventStreams:Instances:other:KeyPrefix", "es", "EventStreams:Instances:other:KeyPrefix")]
    [InlineData("EventStreams:KeyPrefix", "other", "have the same Redis, database and key prefix")]
    [InlineData("EventStreams:Instances:other:ConnectionString", "localhost:2,nonsense=7", "no configuration")]
    public async Task What_is_not_valid_of_an_instance_is_refused_when_the_app_starts(string key, string value, string about)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:redis"] = "localhost:1";
        builder.Configuration["EventStreams:Instances:other:KeyPrefix"] = "other";
        builder.Configuration[key] = value;
        builder.AddEventStreams("redis");
        builder.AddEventStreams("redis", key: "other");
        await using var app = builder.Build();
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(about, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_added_is_not_mapped_whatever_other_instances_there_are()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:redis"] = "localhost:1";
        builder.Configuration["EventStreams:Instances:publisher:KeyPrefix"] = "other";
        builder.AddEventStreams("redis");
        builder.AddEventPublisher("redis", key: "publisher");
        await using var app = builder.Build();
        app.MapEventPublish("/{topic}", "publisher");
        foreach (
            var map in (Action<string>[])
                [
                    key => app.MapEventStream("/{topic}", key),
                    key => app.MapEventStreams("/", key),
                    key => app.MapEventHistory("/{topic}/events", key),
                    key => app.MapStreamTickets("/tickets", key),
                ]
        )
        {
            var refusal = Assert.Throws<InvalidOperationException>(() => map("publisher"));
            Assert.Contains("'publisher'", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static EventStreamsOptions Bind(Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["ConnectionStrings:redis"] = "localhost:1";
        builder.AddEventStreams("redis");
        using var app = (IDisposable)builder.Build();
        return ((WebApplication)app).Services.GetRequiredService<IOptions<EventStreamsOptions>>().Value;
    }
}
