using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using LocalHosting.Control;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

/// <summary>What the app's own services may ask of their host in Development.</summary>
public sealed class ControlServerTests
{
    [Fact]
    public async Task Who_shows_the_token_sees_the_replicas_and_stops_and_starts_them()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--environment=Development");
        builder.AddExecutable("sleeper", "sleep", ".", "1000");
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        var control = app.Services.GetRequiredService<ControlServer>();
        using var service = new HttpClient { BaseAddress = new Uri(control.Address!) };

        using (var stranger = await service.GetAsync("/replicas"))
            Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/replicas/sleeper/stop"))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "another-token");
            using var wrong = await service.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        service.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", control.Token);
        var id = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                var replica = (await service.GetFromJsonAsync<JsonElement>("/replicas")).EnumerateArray().Single();
                id = replica.GetProperty("id").GetString()!;
                return replica.GetProperty("state").GetString() == "Running";
            },
            "the replica runs");
        using (var stop = await service.PostAsync($"/replicas/{id}/stop", null))
            Assert.Equal(HttpStatusCode.NoContent, stop.StatusCode);
        var stopped = (await service.GetFromJsonAsync<JsonElement>("/replicas")).EnumerateArray().Single();
        Assert.Equal("start", stopped.GetProperty("commands")[0].GetString());

        using (var start = await service.PostAsync($"/replicas/{id}/start", null))
            Assert.Equal(HttpStatusCode.NoContent, start.StatusCode);
        using var again = await service.PostAsync($"/replicas/{id}/start", null);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Contains(id, (await again.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_Development_nobody_is_listened_to()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--environment=Production");
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        Assert.Null(app.Services.GetRequiredService<ControlServer>().Address);
    }
}
