using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using EventStreams.Client;

namespace Tests;

/// <summary>The app as the AppHost describes it, with ports, a Redis and a folder of its own.</summary>
public sealed class FeedTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_feed_goes_on_without_a_loss_when_the_replica_that_serves_it_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("aspiresse-test-");
        using var limit = new CancellationTokenSource(Limit);
        await using (var app = await StartAsync(folder.FullName, limit.Token))
        {
            using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            var client = new EventStreamClient(http);
            var replicas = new List<string>();
            var (received, after) = (0, 0);
            await foreach (
                var message in client.FollowAsync(new Uri(app.GetEndpoint("web"), "/api/streams/feed"), cancellationToken: limit.Token)
            )
            {
                if (message.Kind == StreamMessageKind.Open)
                    replicas.Add($"api-{message.Replica}");
                else if (message.Kind == StreamMessageKind.Event && ++received == 3)
                    Assert.True((await app.ResourceCommands.ExecuteCommandAsync(replicas[0], "kill", limit.Token)).Success);
                // What was under way when it was killed may still come; the other replica has to bring some too.
                if (replicas.Count == 2 && ++after == 3)
                    break;
            }
            Assert.NotEqual(replicas[0], replicas[1]);
            Assert.Equal((0, 0), (client.Counters.Gaps, client.Counters.Discontinuities));
        }
        folder.Delete(recursive: true);
    }

    private static async Task<DistributedApplication> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            [$"--App:Folder={folder}", "--Redis:Server=process"],
            cancellationToken
        );
        var app = await builder.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("web", cancellationToken);
        return app;
    }
}
