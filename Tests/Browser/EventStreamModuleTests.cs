using System.Globalization;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>The client module in a real browser, on real event streams of a server that misbehaves as servers do.</summary>
public sealed class EventStreamModuleTests(Chromium chromium, RedisServers servers) : IClassFixture<Chromium>
{
    private static readonly Topic News = Topic.Parse("news");

    [Fact]
    public async Task A_stream_survives_being_cut_off_and_refused_with_nothing_lost_or_duplicated()
    {
        await using var host = await StartAsync();
        await using var window = await FollowAsync(host);
        await PublishAsync(host, 1, 3);
        await SeenAsync(window, 3);

        // EventSource comes back from the cut by itself, and gives up at the refusal.
        host.Refuse(503, 500, 429);
        host.CutOff();
        await Eventually.HoldsAsync(() => host.HasRefused, "the module asks again after each refusal");
        await PublishAsync(host, 4, 6);
        await SeenAsync(window, 6);

        Assert.Equal("1,2,3,4,5,6", await window.EvaluateAsync<string>("seen.join()"));
        Assert.Equal("6 0 0 0 0", await CountersAsync(window));
        Assert.Equal("open one", await StateAsync(window));
    }

    [Fact]
    public async Task A_stream_that_is_asked_for_the_state_begins_with_it_and_goes_on_behind_it()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 50; i++)
            await host.Publisher.PublishAsync(News, EventMessage.Json("item", i, $"k{i % 20}"));
        await using var window = await chromium.OpenAsync(host.Origin);
        await window.Page.GotoAsync("/");
        await window.EvaluateAsync(
            """
            async () => {
              const { EventStream } = await import('/event-stream.js');
              globalThis.seen = [];
              globalThis.parts = [];
              globalThis.stream = new EventStream('/streams/news?from=state', { types: ['item'], minDelay: 20, maxDelay: 100 });
              stream.on('snapshot', ({ first, last, events }) => {
                parts.push(`${first} ${last}`);
                seen.push(...events.map(event => event.data));
              });
              stream.on('item', event => seen.push(event.data));
            }
            """
        );
        await window.UntilAsync("seen.at(-1) === 49");
        host.CutOff();
        await host.Publisher.PublishAsync(News, EventMessage.Json("item", 50, "k0"));
        await window.UntilAsync("seen.at(-1) === 50");
        Assert.Equal("30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50", await window.EvaluateAsync<string>("seen.join()"));
        Assert.Equal(
            "true true 1 0 0 0",
            await window.EvaluateAsync<string>(
                "(({ received, missing, duplicated, outOfOrder }) => [...parts, received, missing, duplicated, outOfOrder].join(' "
                    + "'))(stream.counters)"
            )
        );
    }

    [Fact]
    public async Task What_the_log_no_longer_holds_is_told_and_fetched_before_the_stream_goes_on()
    {
        await using var host = await StartAsync(maxLogLength: 5);
        await PublishAsync(host, 1, 2);
        await using var window = await FollowAsync(host);
        await SeenAsync(window, 2);
        await window.EvaluateAsync("stream.close()");
        // More than the replica's memory holds as well, and it has heard all of it: until then it rightly has what came before.
        using var http = new HttpClient { BaseAddress = host.Origin };
        await using var other = await SseStream.OpenAsync(http, "/streams/news");
        await PublishAsync(host, 3, 40);
        while (await other.NextEventAsync() is { Data: not "40" }) { }

        await window.EvaluateAsync(
            """
            follow({ lastEventId: stream.lastEventId, loadSnapshot: async gap => {
              await new Promise(done => setTimeout(done, 50));
              seen.push(`${gap.reason} ${gap.from}-${gap.to}`);
            } })
            """
        );
        await SeenAsync(window, 8);

        Assert.Equal("1,2,trimmed 3-35,36,37,38,39,40", await window.EvaluateAsync<string>("seen.join()"));
        Assert.Equal("5 0 0 0 33", await CountersAsync(window));
    }

    [Fact]
    public async Task The_end_of_a_topic_ends_the_stream_also_for_one_who_comes_back_later()
    {
        await using var host = await StartAsync();
        await PublishAsync(host, 1, 2);
        await host.Publisher.PublishAsync(News, EventMessage.Text("item", "3"), new() { End = true });
        await using var window = await FollowAsync(host);
        await ReachesAsync(window, "ended");
        Assert.Equal("1,2,3", await window.EvaluateAsync<string>("seen.join()"));
        Assert.Equal("4 0 0 0 0", await CountersAsync(window));

        await window.EvaluateAsync("follow({ lastEventId: stream.lastEventId, minDelay: 10, maxDelay: 20 })");
        await ReachesAsync(window, "ended");
        Assert.Equal("1,2,3", await window.EvaluateAsync<string>("seen.join()"));
    }

    [Fact]
    public async Task An_answer_that_will_not_change_is_not_asked_for_again()
    {
        await using var host = await StartAsync();
        host.Refuse(404, 404);
        await using var window = await FollowAsync(host);
        await ReachesAsync(window, "refused");
        Assert.Equal("Refused with 404, as the test wants it.", await window.EvaluateAsync<string>("stream.state.error"));
    }

    [Fact]
    public async Task A_ticket_that_has_expired_is_replaced_and_the_stream_goes_on_with_nothing_lost_or_duplicated()
    {
        await using var host = await StartAsync(ticketLifetime: TimeSpan.FromSeconds(1));
        await using var window = await FollowAsync(host);
        await window.EvaluateAsync(
            """
            stream.close();
            globalThis.tickets = 0;
            follow({ ticket: () => { tickets++; return module.ticketFrom('/tickets?topic=news')(); } });
            """
        );
        var last = 0;
        while (await window.EvaluateAsync<int>("tickets") < 4)
        {
            // A few are on their way whatever happens to the stream.
            await PublishAsync(host, last + 1, last + 5);
            await SeenAsync(window, last);
            last += 5;
        }
        await SeenAsync(window, last);
        Assert.Equal(string.Join(',', Enumerable.Range(1, last)), await window.EvaluateAsync<string>("seen.join()"));
        Assert.Equal($"{last} 0 0 0 0", await CountersAsync(window));

        // One who gets no ticket is told why, and does not ask forever.
        await window.EvaluateAsync("stream.close(); follow({ ticket: module.ticketFrom('/tickets?topic=') })");
        await ReachesAsync(window, "refused");
        Assert.Contains("A topic's name", await window.EvaluateAsync<string>("stream.state.error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_counters_tell_what_was_skipped_repeated_and_late()
    {
        (string Offsets, string Expected)[] rows =
        [
            ("1 2 3", "3 0 0 0 0"),
            ("1 2 5", "3 2 0 0 0"),
            ("1 2 2 1 3", "3 0 2 0 0"),
            ("1 3 2 4", "4 0 0 1 0"),
            ("1 4 2 2 5", "4 1 1 1 0"),
            ("1 7 4 3 2 6 5 3", "7 0 1 5 0"),
            ("1 4000000000000000 3 3", "3 3999999999999997 1 1 0"),
        ];
        await using var host = await StartAsync();
        await using var window = await FollowAsync(host);
        foreach (var (offsets, expected) in rows)
        {
            var counted = await window.EvaluateAsync<string>(
                """
                offsets => {
                  const counters = new module.StreamCounters();
                  counters.startAt(module.parseEventId('0-0'));
                  for (const offset of offsets.split(' '))
                    counters.count(module.parseEventId(`e1-${offset}-ab`));
                  return describe(counters);
                }
                """,
                offsets
            );
            Assert.Equal((offsets, expected), (offsets, counted));
        }
    }

    [Fact]
    public async Task Several_topics_come_over_one_connection_each_counted_for_itself_until_all_have_ended()
    {
        await using var host = await StartAsync();
        await using var window = await chromium.OpenAsync(host.Origin);
        await window.Page.GotoAsync("/");
        await window.EvaluateAsync(
            """
            async () => {
              const { EventStream } = await import('/event-stream.js');
              globalThis.seen = [];
              globalThis.ends = [];
              globalThis.stream = new EventStream('/streams', { topics: ['news', 'sport'], types: ['item'], minDelay: 20, maxDelay: 100 });
              stream.on('item', event => seen.push(`${event.topic} ${event.data}`));
              stream.on('end', data => ends.push(data.topic));
            }
            """
        );
        await ReachesAsync(window, "open");
        await PublishAsync(host, 1, 3);
        await SeenAsync(window, 3);
        host.Refuse(503);
        host.CutOff();
        await PublishAsync(host, 4, 5);
        await host.Publisher.PublishAsync(Topic.Parse("sport"), EventMessage.Text("item", "1"));
        await SeenAsync(window, 6);
        Assert.Equal("news 1,news 2,news 3,news 4,news 5,sport 1", await window.EvaluateAsync<string>("seen.sort().join()"));
        Assert.Equal(1, host.OpenStreams);
        foreach (var topic in (string[])["sport", "news"])
        {
            Assert.NotEqual("ended", await window.EvaluateAsync<string>("stream.state.name"));
            await host.Publisher.EndAsync(Topic.Parse(topic));
            await window.UntilAsync($"ends.includes('{topic}')");
        }
        await ReachesAsync(window, "ended");
        Assert.Equal(
            "news 6 0 0 0,sport 2 0 0 0",
            await window.EvaluateAsync<string>(
                "[...stream.topics].map(([topic, { counters: c }]) => [topic, c.received, c.missing, c.duplicated, c.outOfOrder].join(' "
                    + "')).join()"
            )
        );
    }

    private async Task<ModuleHost> StartAsync(int maxLogLength = 10_000, TimeSpan? ticketLifetime = null) =>
        await ModuleHost.StartAsync((await servers.GetAsync(RedisServerKind.Redis)).ConnectionString, maxLogLength, ticketLifetime);

    private async Task<Window> FollowAsync(ModuleHost host)
    {
        var window = await chromium.OpenAsync(host.Origin);
        await window.Page.GotoAsync("/");
        await window.EvaluateAsync(
            """
            async () => {
              globalThis.module = await import('/event-stream.js');
              globalThis.seen = [];
              globalThis.describe = ({ received, missing, duplicated, outOfOrder, trimmed }) =>
                [received, missing, duplicated, outOfOrder, trimmed].join(' ');
              globalThis.follow = options => {
                globalThis.stream = new module.EventStream('/streams/news', { minDelay: 20, maxDelay: 100, ...options });
                stream.on('item', event => seen.push(event.data));
              };
              follow();
            }
            """
        );
        return window;
    }

    private static async Task PublishAsync(ModuleHost host, int from, int to)
    {
        for (var i = from; i <= to; i++)
            await host.Publisher.PublishAsync(News, EventMessage.Text("item", i.ToString(CultureInfo.InvariantCulture)));
    }

    private static Task SeenAsync(Window window, int count) => window.UntilAsync($"seen.length >= {count}");

    private static Task ReachesAsync(Window window, string state) => window.UntilAsync($"stream.state.name === '{state}'");

    private static Task<string> CountersAsync(Window window) => window.EvaluateAsync<string>("describe(stream.counters)");

    private static Task<string> StateAsync(Window window) => window.EvaluateAsync<string>("`${stream.state.name} ${stream.state.replica}`");
}
