using EventStreams;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>A browser's own <c>EventSource</c> on a stream over several topics: nothing of it knows what the ids mean.</summary>
public sealed class ManyTopicsTests(Chromium chromium, RedisServers servers) : IClassFixture<Chromium>
{
    private static readonly Topic[] Topics = [Topic.Parse("t0"), Topic.Parse("t1"), Topic.Parse("t2")];

    private readonly string _keyPrefix = RedisServers.CreateKeyPrefix();

    [Fact]
    public async Task EventSource_resumes_every_topic_on_a_replica_that_has_never_seen_it()
    {
        await using var publisher = await StartAsync("publisher");
        var one = await StartAsync("one");
        var origin = one.Client.BaseAddress!;
        await using var window = await chromium.OpenAsync(origin);
        // Any page of the origin will do.
        await window.Page.GotoAsync("/streams/t0/events");
        await window.EvaluateAsync(
            """
            () => {
              globalThis.seen = [[], [], []];
              globalThis.replicas = [];
              const source = new EventSource('/streams?topic=t0&topic=t1&topic=t2');
              source.addEventListener('stream.open', event => replicas.push(JSON.parse(event.data).replica));
              source.addEventListener('stream.gap', event => seen[0].push(event.data));
              source.addEventListener('note', event => seen[event.lastEventId.split(':')[0]].push(event.data));
            }
            """
        );
        await PublishAsync(publisher, 1, 20);
        await SeenAsync(window, 20);
        await one.DisposeAsync();
        await PublishAsync(publisher, 21, 40);
        await using var other = await StartAsync("other", origin.Port);
        await PublishAsync(publisher, 41, 60);
        await SeenAsync(window, 60);
        Assert.Equal("one,other", await window.EvaluateAsync<string>("replicas.join()"));
        foreach (var topic in Enumerable.Range(0, Topics.Length))
            Assert.Equal(string.Join(',', Enumerable.Range(1, 60)), await window.EvaluateAsync<string>($"seen[{topic}].join()"));
    }

    private async Task<Replica> StartAsync(string name, int port = 0) =>
        await Replica.StartAsync(
            (await servers.GetAsync(RedisServerKind.Redis)).ConnectionString,
            _keyPrefix,
            name,
            isDirect: true,
            options => (options.MinRetry, options.MaxRetry) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200)),
            port: port
        );

    private static Task SeenAsync(Window window, int last) => window.UntilAsync($"seen.every(list => list.at(-1) === '{last}')");

    private static async Task PublishAsync(Replica replica, int from, int to)
    {
        for (var n = from; n <= to; n++)
        {
            foreach (var topic in Topics)
                await replica.Publisher.PublishAsync(topic, EventMessage.Text("note", $"{n}"));
        }
    }
}
