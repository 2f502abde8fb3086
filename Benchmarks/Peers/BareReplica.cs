using EventStreams;
using EventStreams.Http;

namespace Benchmarks.Peers;

internal static class BareReplica
{
    public static async Task RunAsync(string[] args)
    {
        var builder = PeerHost.Create(args);
        builder.AddEventStreams("redis");
        if (Environment.GetEnvironmentVariable("NOSOCK") is null) builder.WebHost.UseEventStreamTransport();
        var app = builder.Build();
        app.MapGet("/streams/{topic}", (string topic) => new EventStreamResult(Topic.Parse(topic)));
        app.MapPost("/streams/{topic}", async (string topic, HttpRequest request, IEventPublisher publisher) =>
        {
            using var reader = new StreamReader(request.Body);
            var result = await publisher.PublishAsync(Topic.Parse(topic), EventMessage.Text("message", await reader.ReadToEndAsync()));
            return TypedResults.Accepted((string?)null, result.Id.ToString());
        });
        await app.RunAsync();
    }
}
