using EventStreams;
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
        Assert.Single(report.Entries);
        var options = app.Services.GetRequiredService<IOptions<EventStreamsOptions>>().Value;
        Assert.Equal((7, 77), (options.PageSize, options.RingCapacity));
    }
}
