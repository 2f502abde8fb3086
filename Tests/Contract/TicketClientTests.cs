using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using EventStreams;
using EventStreams.Client;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The .NET client with tickets that expire while it follows.</summary>
public sealed class TicketClientTests(RedisServers servers)
{
    private static readonly Topic News = Topic.Parse("news");

    [Fact]
    public async Task It_fetches_another_ticket_when_one_expires_and_goes_on_with_nothing_lost_or_duplicated()
    {
        await using var app = await StartAsync(TimeSpan.FromSeconds(1));
        var (tickets, came) = (0, 0);
        var publishing = PacedPublishing.RunAsync(app.Publisher, News, () => Volatile.Read(ref came), () => Volatile.Read(ref tickets) > 3);
        var client = new EventStreamClient(app.Client);
        var seen = new List<int>();
        var options = new FollowOptions { Ticket = FetchAsync };
        await foreach (var message in client.FollowAsync(new Uri("/streams/news", UriKind.Relative), options))
        {
            if (message.Kind != StreamMessageKind.Event)
                continue;
            seen.Add(int.Parse(message.Data, CultureInfo.InvariantCulture));
            Volatile.Write(ref came, seen.Count);
        }
        Assert.Equal(Enumerable.Range(1, await publishing), seen);
        Assert.Equal((0, 0, 0), (client.Counters.Duplicates, client.Counters.Discontinuities, client.Counters.Gaps));
        Assert.InRange(tickets, 4, 30);

        async ValueTask<string> FetchAsync(CancellationToken cancellationToken)
        {
            tickets++;
            return (await app.TicketAsync("alice", News)).Ticket;
        }
    }

    [Fact]
    public async Task A_ticket_that_is_not_taken_any_more_is_replaced_once_and_no_ticket_ends_the_stream()
    {
        await using var app = await StartAsync(TimeSpan.FromMinutes(1));
        var given = new List<string>();
        var reopened = new TaskCompletionSource();
        var client = new EventStreamClient(app.Client);
        await using var messages = client
            .FollowAsync(
                new Uri("/streams/news", UriKind.Relative),
                new FollowOptions
                {
                    Retry = TimeSpan.FromMilliseconds(10),
                    Ticket = async cancellationToken =>
                    {
                        if (given.Count == 1)
                            await reopened.Task.WaitAsync(cancellationToken);
                        using var answer = new HttpRequestMessage(HttpMethod.Post, "/tickets?topic=news");
                        answer.Headers.Add("X-User", given.Count < 2 ? "alice" : "mallory");
                        using var response = await app.Client.SendAsync(answer, cancellationToken);
                        response.EnsureSuccessStatusCode();
                        given.Add((await response.Content.ReadFromJsonAsync<StreamTicket>(cancellationToken))!.Ticket);
                        return given[^1];
                    },
                }
            )
            .GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync());
        await app.Control.CloseAsync("alice");
        await app.Control.ReopenAsync("alice");
        await Eventually.HoldsAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Head, "/streams/news");
                request.Headers.Add("X-User", "alice");
                using var answer = await app.Client.SendAsync(request);
                return answer.IsSuccessStatusCode;
            },
            "alice is let in again"
        );
        reopened.SetResult();
        // The stream was ended, and the second ticket is taken.
        Assert.True(await messages.MoveNextAsync());
        Assert.Equal((2, StreamMessageKind.Open), (given.Count, messages.Current.Kind));
        await app.Control.CloseAsync("alice");
        var refused = await Assert.ThrowsAsync<EventStreamRefusedException>(async () => await messages.MoveNextAsync());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.DoesNotContain("est_", refused.ToString(), StringComparison.Ordinal);
    }

    private async Task<AccessApp> StartAsync(TimeSpan lifetime) =>
        await AccessApp.StartAsync(
            (await servers.GetAsync(RedisServerKind.Redis)).ConnectionString,
            RedisServers.CreateKeyPrefix(),
            new TestAuthorizer((subject, _) => subject == "alice"),
            options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            builder => builder.Services.Configure<StreamAccessOptions>(options => options.TicketLifetime = lifetime)
        );
}
