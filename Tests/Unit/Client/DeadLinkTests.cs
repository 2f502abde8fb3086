using System.Threading.Channels;
using EventStreams.Client;
using Microsoft.Extensions.Time.Testing;
using Tests.Fixtures;
using static Tests.Fixtures.ScriptedServer;

namespace Tests.Unit.Client;

/// <summary>A connection that says nothing is not one. The clock is the tests' own.</summary>
public sealed class DeadLinkTests
{
    private static readonly Uri Address = new("/streams/t", UriKind.Relative);
    private static readonly FollowOptions Options = new() { IdleTimeout = TimeSpan.FromSeconds(45), Retry = TimeSpan.Zero };
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Heartbeats_keep_a_connection_and_silence_ends_it()
    {
        var heartbeats = Channel.CreateUnbounded<string>();
        await using var server = await StartAsync(
            async context =>
            {
                await WriteAsync(context, "id: e-1\ndata: 1\n\n");
                await foreach (var comment in heartbeats.Reader.ReadAllAsync(context.RequestAborted))
                    await WriteAsync(context, comment);
            },
            Stream("id: e-2\ndata: 2\n\nid: e-3\nevent: stream.end\ndata: {}\n\n")
        );
        var client = new EventStreamClient(server.Client, _time);
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        await using var messages = client.FollowAsync(Address, Options, limit.Token).GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync());
        var next = messages.MoveNextAsync().AsTask();

        for (var beat = 1; beat <= 10; beat++)
        {
            var before = client.Counters.Bytes;
            heartbeats.Writer.TryWrite(":\n\n");
            await Eventually.HoldsAsync(() => client.Counters.Bytes > before, "the comment arrives");
            _time.Advance(TimeSpan.FromSeconds(30));
        }
        Assert.Equal((0, 1), (client.Counters.DeadLinks, client.Counters.Attempts));

        await AdvanceUntilDeadAsync(client);
        Assert.True(await next);
        Assert.Equal("2", messages.Current.Data);
        Assert.Equal([null, "e-1"], server.Cursors);
        Assert.Equal((1, 1), (client.Counters.DeadLinks, client.Counters.Failures));
    }

    [Fact]
    public async Task A_server_that_takes_the_request_and_never_answers_is_given_up()
    {
        await using var server = await StartAsync(UntilLeftAsync, Stream("id: e-1\ndata: 1\n\n"));
        var client = new EventStreamClient(server.Client, _time);
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        await using var messages = client.FollowAsync(Address, Options, limit.Token).GetAsyncEnumerator();
        var first = messages.MoveNextAsync().AsTask();
        await Eventually.HoldsAsync(() => server.Cursors.Count == 1, "the request arrives");
        await AdvanceUntilDeadAsync(client);
        Assert.True(await first);
        Assert.Equal(1, client.Counters.DeadLinks);
    }

    [Fact]
    public async Task A_caller_who_takes_long_over_a_message_finds_the_connection_alive()
    {
        await using var server = await StartAsync(async context =>
        {
            await WriteAsync(context, "id: e-1\ndata: 1\n\n");
            await Eventually.HoldsAsync(() => _time.GetUtcNow() - _time.Start > TimeSpan.FromHours(1), "time passes");
            await WriteAsync(context, "id: e-2\ndata: 2\n\n");
        });
        var client = new EventStreamClient(server.Client, _time);
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        await using var messages = client.FollowAsync(Address, Options, limit.Token).GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync());
        _time.Advance(TimeSpan.FromHours(2));
        Assert.True(await messages.MoveNextAsync());
        Assert.Equal("2", messages.Current.Data);
        Assert.Equal((1, 0), (client.Counters.Attempts, client.Counters.Failures));
    }

    // Repeated, as the wait that the time is to end may not have begun at the first step.
    private Task AdvanceUntilDeadAsync(EventStreamClient client) =>
        Eventually.HoldsAsync(
            () =>
            {
                if (client.Counters.DeadLinks == 0)
                    _time.Advance(TimeSpan.FromSeconds(46));
                return client.Counters.DeadLinks > 0;
            },
            "the dead connection is noticed"
        );
}
