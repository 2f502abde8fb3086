using System.Net;
using EventStreams.Client;
using Microsoft.AspNetCore.Http;
using Tests.Fixtures;
using static Tests.Fixtures.ScriptedServer;

namespace Tests.Unit.Client;

/// <summary>The client against a server that does what real ones do rarely.</summary>
public sealed class EventStreamClientTests
{
    private const string OpenBlock =
        "retry: 1\nevent: stream.open\ndata: {\"topic\":\"t\",\"replica\":\"a\",\"cursor\":\"e-0\"}\nid: e-0\n\n";
    private const string EndBlock = "event: stream.end\ndata: {}\nid: e-9\n\n";
    private static readonly Uri Address = new("/streams/t", UriKind.Relative);
    private EventStreamClient? _client;

    [Fact]
    public async Task A_stream_is_told_from_its_opening_to_its_end()
    {
        await using var server = await StartAsync(
            Stream(OpenBlock + ":\n" + Event(1, "one\ndata: two") + "event: stream.end\ndata: {}\nid: e-2\n\n")
        );
        var client = Use(server.Client);
        var messages = await TakeAllAsync(client);
        Assert.Equal([StreamMessageKind.Open, StreamMessageKind.Event, StreamMessageKind.End], messages.Select(m => m.Kind));
        Assert.Equal(("a", "e-0"), (messages[0].Replica, messages[0].Id));
        Assert.Equal(("e-1", "note", "one\ntwo"), (messages[1].Id, messages[1].Type, messages[1].Data));
        Assert.Equal("e-2", messages[2].Id);
        Assert.Equal(
            (1, 1, 1, 0, 0),
            (
                client.Counters.Attempts,
                client.Counters.Connections,
                client.Counters.Events,
                client.Counters.Failures,
                client.Counters.Discontinuities
            )
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_that_was_cut_off_comes_once_from_the_next_connection(bool isBroken)
    {
        // With its data and its id read, the event still has not arrived.
        const string Cut = "event: note\ndata: tw\nid: e-2\n";
        await using var server = await StartAsync(
            isBroken ? Broken(OpenBlock + Event(1) + Cut, Received) : Stream(OpenBlock + Event(1) + Cut),
            Stream(OpenBlock + Event(2) + Event(3) + EndBlock)
        );
        var client = Use(server.Client);
        Assert.Equal(["1", "2", "3"], Data(await TakeAllAsync(client)));
        Assert.Equal([null, "e-1"], server.Cursors);
        Assert.Equal(isBroken ? 1 : 0, client.Counters.Failures);
    }

    [Fact]
    public async Task A_stream_cut_off_before_its_first_event_resumes_where_it_opened()
    {
        await using var server = await StartAsync(Broken(OpenBlock, Received), Stream(OpenBlock + Event(1) + EndBlock));
        Assert.Equal(["1"], Data(await TakeAllAsync(Use(server.Client))));
        Assert.Equal([null, "e-0"], server.Cursors);
    }

    [Fact]
    public async Task A_connection_that_opens_but_repeats_the_old_id_does_not_take_a_cursor_back()
    {
        await using var server = await StartAsync(
            Stream(OpenBlock + Event(1)),
            Broken(OpenBlock, Received),
            Stream(OpenBlock + Event(2) + EndBlock)
        );
        Assert.Equal(["1", "2"], Data(await TakeAllAsync(Use(server.Client))));
        Assert.Equal([null, "e-1", "e-1"], server.Cursors);
    }

    [Fact]
    public async Task The_server_says_when_to_come_back_even_right_before_it_closes()
    {
        await using var server = await StartAsync(
            Stream(OpenBlock + Event(1) + Busy(40)),
            Broken("", Received),
            Stream(OpenBlock + EndBlock)
        );
        var interruptions = new List<StreamInterruption>();
        await TakeAllAsync(Use(server.Client), new FollowOptions { Retry = TimeSpan.FromHours(1), Interrupted = interruptions.Add });
        Assert.Equal((null, 0), (interruptions[0].Error, interruptions[0].Fruitless));
        Assert.InRange(interruptions[0].Delay.TotalMilliseconds, 40, 60);
        Assert.NotNull(interruptions[1].Error);
        Assert.InRange(interruptions[1].Delay.TotalMilliseconds, 40, 60);
    }

    [Fact]
    public async Task A_204_ends_the_stream_without_a_message()
    {
        await using var server = await StartAsync(Status(204));
        Assert.Empty(await TakeAllAsync(Use(server.Client), new FollowOptions { LastEventId = "e-9" }));
        Assert.Equal(["e-9"], server.Cursors);
    }

    [Fact]
    public async Task A_gap_is_told_once_and_the_stream_goes_on_behind_it_though_it_was_cut_off_there()
    {
        const string Gap =
            "event: stream.gap\ndata: {\"reason\":\"future\",\"from\":null,\"to\":null,\"cursor\":\"e-3\",\"snapshot\":\"/s\"}\nid: "
            + "e-3\n\n";
        await using var server = await StartAsync(
            Stream(OpenBlock + Event(7)),
            Broken(OpenBlock + Gap, Received),
            Stream(OpenBlock + Event(4) + EndBlock)
        );
        var client = Use(server.Client);
        var messages = await TakeAllAsync(client, new FollowOptions { LastEventId = "e-6" });
        Assert.Equal(["e-6", "e-7", "e-3"], server.Cursors);
        var gap = messages.Single(m => m.Kind == StreamMessageKind.Gap);
        Assert.Equal(new GapNotice("future", null, null, "e-3", "/s"), gap.Gap);
        Assert.Equal("e-3", gap.Id);
        // Below what had been seen, and an event nonetheless: the notice took the position back.
        Assert.Equal(["7", "4"], Data(messages));
        Assert.Equal((1, 0), (client.Counters.Gaps, client.Counters.Duplicates));
    }

    [Theory]
    [InlineData("id: {0}\n\n")]
    [InlineData("event: stream.seen\ndata: {{}}\nid: {0}\n\n")]
    public async Task A_block_with_nothing_but_a_place_moves_the_position_and_is_no_message(string place)
    {
        // The server leaves out what this client has had in an earlier epoch of the log. Without its place the second event would come
        // again, and the third stand behind a gap.
        await using var server = await StartAsync(
            Broken(OpenBlock + Event(1) + At(2) + Event(3) + At(4), Received),
            Stream(OpenBlock + Event(4) + Event(5) + At(3) + EndBlock)
        );
        var client = Use(server.Client);
        var messages = await TakeAllAsync(client);
        Assert.Equal(["1", "3", "5"], Data(messages));
        Assert.Equal([null, "e-4"], server.Cursors);
        Assert.Equal((1, 1), (client.Counters.Duplicates, client.Counters.Discontinuities));

        string At(int offset) => string.Format(System.Globalization.CultureInfo.InvariantCulture, place, $"e-{offset}");
    }

    [Fact]
    public async Task A_notice_that_cannot_be_read_ends_the_stream_with_a_sentence()
    {
        await using var server = await StartAsync(Stream(OpenBlock + "event: stream.gap\ndata: {\"reason\":\"trimmed\"}\n\n"));
        await Assert.ThrowsAsync<InvalidDataException>(() => TakeAllAsync(Use(server.Client)));
    }

    [Fact]
    public async Task An_event_that_comes_again_is_dropped_and_one_that_is_missing_is_counted()
    {
        await using var server = await StartAsync(
            Stream(OpenBlock + Event(1) + Event(2) + Event(2) + Event(1)),
            Stream(OpenBlock + Event(1) + Event(2) + Event(3) + Event(5) + EndBlock)
        );
        var client = Use(server.Client);
        Assert.Equal(["1", "2", "3", "5"], Data(await TakeAllAsync(client)));
        // The second gap is the one before the end.
        Assert.Equal((4, 4, 2), (client.Counters.Events, client.Counters.Duplicates, client.Counters.Discontinuities));
    }

    [Fact]
    public async Task Answers_of_a_busy_server_are_followed_by_another_attempt_after_the_time_that_it_demands()
    {
        await using var server = await StartAsync(
            Status(503),
            Status(429, retryAfter: "1"),
            Status(408),
            Status(500),
            Stream(Busy(1)),
            Stream(OpenBlock + Event(1) + EndBlock)
        );
        var interruptions = new List<StreamInterruption>();
        var client = Use(server.Client);
        var messages = await TakeAllAsync(
            client,
            new FollowOptions
            {
                Retry = TimeSpan.FromMilliseconds(1),
                MaxDelay = TimeSpan.FromMilliseconds(10),
                Interrupted = interruptions.Add,
            }
        );
        Assert.Equal(["1"], Data(messages));
        Assert.Equal(
            [
                HttpStatusCode.ServiceUnavailable,
                HttpStatusCode.TooManyRequests,
                HttpStatusCode.RequestTimeout,
                HttpStatusCode.InternalServerError,
                null,
            ],
            interruptions.Select(i => (i.Error as HttpRequestException)?.StatusCode)
        );
        Assert.Equal([1, 2, 3, 4, 5], interruptions.Select(i => i.Fruitless));
        Assert.InRange(interruptions[1].Delay.TotalMilliseconds, 1000, 1500);
        Assert.InRange(interruptions[4].Delay.TotalMilliseconds, 10, 15);
        Assert.Equal((6, 2, 4), (client.Counters.Attempts, client.Counters.Connections, client.Counters.Failures));
    }

    [Fact]
    public async Task Every_attempt_has_a_connection_of_its_own_so_that_it_may_reach_another_replica()
    {
        await using var server = await StartAsync(Stream(OpenBlock), Stream(Busy(1)), Status(503), Stream(OpenBlock + EndBlock));
        await TakeAllAsync(Use(server.Client));
        Assert.Equal(4, server.Connections.Distinct().Count());
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_tried_again()
    {
        await using var server = await StartAsync(Stream(OpenBlock + Event(1) + EndBlock));
        var port = server.Client.BaseAddress!.Port;
        var refusals = 2;
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, token) =>
                {
                    if (refusals-- > 0)
                        throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused);
                    var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                    await socket.ConnectAsync(IPAddress.Loopback, port, token);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                },
            }
        );
        http.BaseAddress = server.Client.BaseAddress;
        var client = Use(http);
        Assert.Equal(["1"], Data(await TakeAllAsync(client, new FollowOptions { Retry = TimeSpan.FromMilliseconds(1) })));
        Assert.Equal((3, 1, 2), (client.Counters.Attempts, client.Counters.Connections, client.Counters.Failures));
    }

    [Fact]
    public async Task A_refusal_ends_the_stream_with_the_servers_own_sentence()
    {
        await using var server = await StartAsync(
            Stream(OpenBlock + Event(1)),
            Status(403, """{"title":"Forbidden","detail":"This stream is for members."}""")
        );
        var client = Use(server.Client);
        var refused = await Assert.ThrowsAsync<EventStreamRefusedException>(() => TakeAllAsync(client));
        Assert.Equal(
            (HttpStatusCode.Forbidden, "The server answered 403: This stream is for members."),
            (refused.StatusCode, refused.Message)
        );
        Assert.Equal(2, client.Counters.Attempts);
    }

    [Theory]
    [InlineData(404, null, "application/json")]
    [InlineData(400, "{ cut off", "application/json")]
    [InlineData(200, "<p>Sign in</p>", "text/html")]
    public async Task An_answer_that_is_no_stream_ends_it(int status, string? body, string contentType)
    {
        await using var server = await StartAsync(Status(status, body, contentType));
        var refused = await Assert.ThrowsAsync<EventStreamRefusedException>(() => TakeAllAsync(Use(server.Client)));
        Assert.Equal(status, (int)refused.StatusCode!);
        Assert.Single(server.Cursors);
    }

    [Fact]
    public async Task Each_connection_can_have_credentials_of_its_own()
    {
        var seen = new List<string>();
        Func<HttpContext, Task> Noting(Func<HttpContext, Task> answer) =>
            context =>
            {
                seen.Add(context.Request.Headers.Authorization.ToString());
                return answer(context);
            };
        await using var server = await StartAsync(Noting(Broken(OpenBlock, Received)), Noting(Stream(OpenBlock + EndBlock)));
        var token = 0;
        await TakeAllAsync(
            Use(server.Client),
            new FollowOptions { ConfigureRequest = request => request.Headers.Authorization = new("Bearer", $"{++token}") }
        );
        Assert.Equal(["Bearer 1", "Bearer 2"], seen);
    }

    [Fact]
    public async Task Who_leaves_the_loop_or_cancels_leaves_the_server_too()
    {
        var left = 0;
        Func<HttpContext, Task> held = async context =>
        {
            await Open(OpenBlock + Event(1))(context);
            Interlocked.Increment(ref left);
        };
        await using var server = await StartAsync(held, held);
        var client = Use(server.Client);
        await foreach (var message in client.FollowAsync(Address))
        {
            if (message.Kind == StreamMessageKind.Event)
                break;
        }
        await Eventually.HoldsAsync(() => Volatile.Read(ref left) == 1, "the server sees the client leave");

        using var stop = new CancellationTokenSource();
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var message in client.FollowAsync(Address, cancellationToken: stop.Token))
            {
                if (message.Kind == StreamMessageKind.Event)
                    stop.CancelAfter(1);
            }
        });
        Assert.Equal(stop.Token, canceled.CancellationToken);
        await Eventually.HoldsAsync(() => Volatile.Read(ref left) == 2, "the server sees the client leave");
    }

    [Fact]
    public void Options_out_of_range_are_refused_before_anything_is_sent()
    {
        using var http = new HttpClient();
        var client = Use(http);
        foreach (
            var options in new FollowOptions[]
            {
                new() { IdleTimeout = TimeSpan.Zero },
                new() { Retry = TimeSpan.FromSeconds(-1) },
                new() { MaxDelay = TimeSpan.Zero },
                new() { MaxDelay = TimeSpan.FromDays(2) },
            }
        )
            Assert.Throws<ArgumentOutOfRangeException>(() => client.FollowAsync(Address, options));
    }

    private EventStreamClient Use(HttpClient http) => _client = new EventStreamClient(http);

    private long Received() => _client!.Counters.Bytes;

    private static string Busy(int retry) => $"retry: {retry}\nevent: stream.busy\ndata: {{\"reason\":\"full\",\"retry\":{retry}}}\n\n";

    private static string Event(int offset, string? data = null) => $"event: note\ndata: {data ?? $"{offset}"}\nid: e-{offset}\n\n";

    private static List<string> Data(IEnumerable<StreamMessage> messages) =>
        [.. messages.Where(m => m.Kind == StreamMessageKind.Event).Select(m => m.Data)];

    private static async Task<List<StreamMessage>> TakeAllAsync(EventStreamClient client, FollowOptions? options = null)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        var messages = new List<StreamMessage>();
        await foreach (var message in client.FollowAsync(Address, options, limit.Token))
            messages.Add(message);
        return messages;
    }
}
