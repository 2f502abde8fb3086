using System.Globalization;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>Several tabs of one viewer that follow the same stream over one connection.</summary>
public sealed class SharedSourceTests(Chromium chromium, RedisServers servers) : IClassFixture<Chromium>
{
    private static readonly Topic News = Topic.Parse("news");

    [Fact]
    public async Task Tabs_share_one_connection_and_hand_it_on_with_nothing_lost_or_duplicated()
    {
        await using var host = await StartAsync();
        await PublishAsync(host, 1, 3);
        await using var first = await chromium.OpenAsync(host.Origin);
        await FollowAsync(first);
        await SeenAsync(first, "1,2,3");
        var second = await first.OpenTabAsync();
        await FollowAsync(second);
        var third = await first.OpenTabAsync();
        await FollowAsync(third);
        // Those that come later catch up over connections of their own, and give them up.
        await SeenAsync(second, "1,2,3");
        await SeenAsync(third, "1,2,3");
        await OneConnectionAsync(host);

        await PublishAsync(host, 4, 6);
        foreach (var tab in new[] { first, second, third })
            await SeenAsync(tab, "1,2,3,4,5,6");
        await OneConnectionAsync(host);

        await first.Page.CloseAsync();
        await PublishAsync(host, 7, 8);
        foreach (var tab in new[] { second, third })
            await SeenAsync(tab, "1,2,3,4,5,6,7,8");
        await OneConnectionAsync(host);

        host.CutOff();
        await PublishAsync(host, 9, 12);
        foreach (var tab in new[] { second, third })
        {
            await SeenAsync(tab, "1,2,3,4,5,6,7,8,9,10,11,12");
            await tab.UntilAsync("stream.state.name === 'open'");
            Assert.Equal(
                "12 0 0 0 one",
                await tab.EvaluateAsync<string>(
                    "(({ received, missing, duplicated, outOfOrder }) => [received, missing, duplicated, outOfOrder, "
                        + "stream.state.replica].join(' '))(stream.counters)"
                )
            );
        }
        await OneConnectionAsync(host);
    }

    [Fact]
    public async Task A_tab_that_the_browser_refused_for_a_while_comes_back_and_the_end_reaches_all()
    {
        await using var host = await StartAsync();
        await using var first = await chromium.OpenAsync(host.Origin);
        await FollowAsync(first);
        var second = await first.OpenTabAsync();
        await FollowAsync(second);
        await OneConnectionAsync(host);

        // The one that has the connection meets a refusal, at which EventSource gives up, and the other takes over.
        host.Refuse(503, 503);
        host.CutOff();
        await Eventually.HoldsAsync(() => host.HasRefused, "the tabs ask again after each refusal");
        await PublishAsync(host, 1, 2);
        await host.Publisher.PublishAsync(News, EventMessage.Text("item", "3"), new() { End = true });
        foreach (var tab in new[] { first, second })
        {
            await SeenAsync(tab, "1,2,3");
            await tab.UntilAsync("stream.state.name === 'ended'");
        }
    }

    [Fact]
    public async Task Tabs_on_different_topics_share_one_connection_and_nothing_is_lost_when_topics_come_and_go()
    {
        await using var host = await StartAsync();
        await using var first = await chromium.OpenAsync(host.Origin);
        await FollowAsync(first, "news");
        var second = await first.OpenTabAsync();
        await FollowAsync(second, "sport");
        await OneConnectionAsync(host);
        // Topics come while events of all are under way.
        var publishing = Task.WhenAll(((string[])["news", "sport", "chess"]).Select(topic => PublishAsync(host, 1, 60, topic)));
        var third = await first.OpenTabAsync();
        await FollowAsync(third, "chess");
        var fourth = await first.OpenTabAsync();
        await FollowAsync(fourth, "news");
        await publishing;
        var all = string.Join(',', Enumerable.Range(1, 60));
        foreach (var tab in new[] { first, second, third, fourth })
            await SeenAsync(tab, all);
        await OneConnectionAsync(host);

        // One tab leaves in order, and the leader as it would when it crashes; the others go on over one connection.
        await third.EvaluateAsync("stream.close()");
        await PublishAsync(host, 61, 65, "news");
        await first.Page.CloseAsync();
        await PublishAsync(host, 61, 70, "sport");
        host.CutOff();
        await PublishAsync(host, 66, 70, "news");
        foreach (var tab in new[] { second, fourth })
        {
            await SeenAsync(tab, string.Join(',', Enumerable.Range(1, 70)));
            Assert.Equal(
                "70 0 0 0",
                await tab.EvaluateAsync<string>(
                    "(({ received, missing, duplicated, outOfOrder }) => [received, missing, duplicated, outOfOrder].join(' "
                        + "'))(stream.counters)"
                )
            );
        }
        await OneConnectionAsync(host);
        Assert.Equal(["news", "sport"], host.OpenTopics.Order());

        // The end of one topic is not that of the other.
        await host.Publisher.EndAsync(Topic.Parse("sport"));
        await second.UntilAsync("stream.state.name === 'ended'");
        await PublishAsync(host, 71, 71, "news");
        await SeenAsync(fourth, string.Join(',', Enumerable.Range(1, 71)));
        await Eventually.HoldsAsync(() => host.OpenTopics is ["news"], "nobody follows the other topic any more");
    }

    [Fact]
    public async Task A_tab_whose_lock_comes_late_is_not_taken_for_one_that_has_crashed()
    {
        await using var host = await StartAsync();
        await using var first = await chromium.OpenAsync(host.Origin);
        await FollowAsync(first, "news");
        var second = await first.OpenTabAsync();
        // As on a busy machine: the leader has long asked who lives when this tab's lock is granted.
        await second.Page.AddInitScriptAsync(
            """
            const request = navigator.locks.request.bind(navigator.locks);
            navigator.locks.request = async (...call) => { await new Promise(later => setTimeout(later, 300)); return request(...call); };
            """
        );
        await FollowAsync(second, "sport");
        await OneConnectionAsync(host);
        Assert.Equal(["news", "sport"], host.OpenTopics.Order());
    }

    private async Task<ModuleHost> StartAsync() =>
        await ModuleHost.StartAsync((await servers.GetAsync(RedisServerKind.Redis)).ConnectionString);

    private static async Task FollowAsync(Window tab, string topic = "news")
    {
        await tab.Page.GotoAsync("/");
        await tab.EvaluateAsync(
            $$"""
            async () => {
              const { EventStream } = await import('/event-stream.js');
              const { createSharedSource } = await import('/shared-source.js');
              globalThis.seen = [];
              const options = { types: ['item'], minDelay: 20, maxDelay: 100, createSource: createSharedSource };
              globalThis.stream = new EventStream('/streams/{{topic}}', options);
              stream.on('item', event => seen.push(event.data));
            }
            """
        );
        await tab.UntilAsync("stream.state.name === 'open'");
    }

    private static Task OneConnectionAsync(ModuleHost host) =>
        Eventually.HoldsAsync(() => host.OpenStreams == 1, "the tabs have one connection together");

    private static async Task PublishAsync(ModuleHost host, int from, int to, string topic = "news")
    {
        for (var i = from; i <= to; i++)
            await host.Publisher.PublishAsync(Topic.Parse(topic), EventMessage.Text("item", i.ToString(CultureInfo.InvariantCulture)));
    }

    private static Task SeenAsync(Window tab, string items) => tab.UntilAsync($"seen.join() === '{items}'");
}
