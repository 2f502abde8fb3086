using Microsoft.AspNetCore.SignalR;

namespace Benchmarks.Peers;

/// <summary>SignalR with its Redis backplane: a group for each topic, streams by its Server-Sent Events transport. It replays
/// nothing.</summary>
internal static class SignalRReplica
{
    public static async Task RunAsync(string[] args)
    {
        var builder = PeerHost.Create(args);
        builder.Services.AddSignalR().AddStackExchangeRedis(builder.Configuration.GetConnectionString("redis")!);
        var app = builder.Build();
        app.MapHub<TopicHub>("/hub");
        app.MapPost(
            "/streams/{topic}",
            async (string topic, HttpRequest request, IHubContext<TopicHub> hub) =>
            {
                using var reader = new StreamReader(request.Body);
                await hub.Clients.Group(topic).SendAsync("event", await reader.ReadToEndAsync());
                return TypedResults.Accepted((string?)null);
            }
        );
        await app.RunAsync();
    }

    private sealed class TopicHub : Hub
    {
        public override async Task OnConnectedAsync()
        {
            var topic = Context.GetHttpContext()!.Request.Query["topic"].ToString();
            await Groups.AddToGroupAsync(Context.ConnectionId, topic);
        }
    }
}
