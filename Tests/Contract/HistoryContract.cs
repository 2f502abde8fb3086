using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EventStreams;
using EventStreams.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The history of a topic in pages.</summary>
public abstract class HistoryContract(RedisServers servers, RedisServerKind kind) : EventStreamsContract(servers, kind, isDirect: false)
{
    private const string Forever = "max-age=31536000, immutable";
    private const string ForAMoment = "max-age=1";

    [Fact]
    public async Task Pages_go_forwards_without_holes_and_a_stream_goes_on_behind_the_last()
    {
        var replica = await StartReplicaAsync("a");
        var ids = await PublishAsync(replica, Numbers(1, 25));
        var first = await GetAsync(replica, "?limit=10");
        Assert.Equal((ForAMoment, null), (first.CacheControl, first.Previous));
        var second = await GetAsync(replica, first.Next);
        Assert.Equal(
            (Forever, $"?after={ids[19]}&limit=10", $"?before={ids[10]}&limit=10"),
            (second.CacheControl, second.Next, second.Previous)
        );
        var third = await GetAsync(replica, second.Next);
        Assert.Equal((ForAMoment, null, ids[24].ToString()), (third.CacheControl, third.Next, third.Cursor));
        Assert.Equal(Numbers(1, 25), first.Data.Concat(second.Data).Concat(third.Data));
        // Full, and at the tail: nothing can change it, and it must not change when something follows.
        Assert.Equal((Forever, $"?after={ids[24]}&limit=5"), Facts(await GetAsync(replica, $"?after={ids[19]}&limit=5")));
        Assert.Equal((Forever, $"?after={ids[4]}&limit=5"), Facts(await GetAsync(replica, $"?after={ids[0].Epoch}-0&limit=5")));

        await using var stream = await replica.OpenAsync(Topic, third.Cursor);
        await PublishAsync(replica, "n26");
        Assert.Equal(["n26"], await stream.TakeAsync(1));
        Assert.Equal(["n26"], (await GetAsync(replica, $"?after={ids[24]}")).Data);

        static (string, string?) Facts(Page page) => (page.CacheControl, page.Next);
    }

    [Fact]
    public async Task Pages_go_backwards_and_are_the_same_for_everybody_who_begins_at_the_head()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, Numbers(1, 23));
        var head = await GetAsync(replica, "?before=head&limit=10");
        AssertPage(head, Numbers(21, 23), ForAMoment);
        Assert.Null(head.Next);
        await PublishAsync(replica, Numbers(24, 25));
        var later = await GetAsync(replica, "?before=head&limit=10");
        AssertPage(later, Numbers(21, 25), ForAMoment);
        Assert.Equal(head.Previous, later.Previous);
        var before = await GetAsync(replica, head.Previous);
        AssertPage(before, Numbers(11, 20), Forever);
        var oldest = await GetAsync(replica, before.Previous);
        AssertPage(oldest, Numbers(1, 10), Forever);
        Assert.Null(oldest.Previous);
        // Fewer than were asked for, since there never were more.
        var start = await GetAsync(replica, $"?before={head.Cursor}&limit=1000");
        AssertPage(start, Numbers(1, 22), Forever);
    }

    private static void AssertPage(Page page, string[] data, string cacheControl)
    {
        Assert.Equal(data, page.Data);
        Assert.Equal(cacheControl, page.CacheControl);
    }

    [Fact]
    public async Task Pages_are_bounded_in_bytes_and_go_on_all_the_same()
    {
        var replica = await StartReplicaAsync("a", options => options.PageBytes = 10_000);
        string[] all = [.. Numbers(1, 20).Select(n => n + new string('x', 1000)), new string('y', 20_000), "z"];
        await PublishAsync(replica, all);
        var (forwards, backwards) = (new List<string>(), new List<string>());
        for (
            Page? page = await GetAsync(replica, "?limit=500");
            page is not null;
            page = page.Next is null ? null : await GetAsync(replica, page.Next)
        )
            forwards.AddRange(page.Data);
        Assert.Equal(all, forwards);
        for (
            Page? page = await GetAsync(replica, "?before=head&limit=500");
            page is not null;
            page = page.Previous is null ? null : await GetAsync(replica, page.Previous)
        )
            backwards.InsertRange(0, page.Data);
        Assert.Equal(all, backwards);
    }

    [Fact]
    public async Task What_is_gone_is_told_and_such_a_page_is_not_kept()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxLogLength = 10);
        var ids = await PublishAsync(replica, Numbers(1, 25));
        Assert.Equal((StreamGap.Trimmed, 4, 15), await GapAsync($"?after={ids[2]}&limit=5", Numbers(16, 20)));
        Assert.Equal((StreamGap.Trimmed, 1, 15), await GapAsync("?limit=5", Numbers(16, 20)));
        Assert.Equal((StreamGap.Trimmed, 1, 15), await GapAsync($"?before={ids[17]}&limit=5", Numbers(16, 17)));
        Assert.Equal((StreamGap.Trimmed, 1, 4), await GapAsync($"?before={ids[4]}&limit=5", []));
        Assert.Equal((StreamGap.Epoch, null, null), await GapAsync($"?after={ids[20].Epoch}-20-1&limit=5", []));
        Assert.Equal((StreamGap.Epoch, null, null), await GapAsync($"?before={ids[20].Epoch}-20-1&limit=5", []));
        Assert.Equal((StreamGap.Future, null, null), await GapAsync($"?after={ids[20].Epoch}-99-1&limit=5", []));
        Assert.Equal((StreamGap.Future, null, null), await GapAsync($"?before={ids[20].Epoch}-99-1&limit=5", []));
        using (var connection = await Server.ConnectAsync())
            await connection.GetDatabase().KeyDeleteAsync(new TopicKeys(KeyPrefix, Topic).Meta);
        Assert.Equal((StreamGap.Epoch, null, null), await GapAsync($"?after={ids[24]}", []));
        await PublishAsync(replica, "1", "2");
        Assert.Equal((StreamGap.Epoch, null, null), await GapAsync($"?after={ids[24]}", ["1", "2"]));
        Assert.Equal((StreamGap.Epoch, null, null), await GapAsync($"?before={ids[24]}", []));

        async Task<(string?, long?, long?)> GapAsync(string query, string[] data)
        {
            var page = await GetAsync(replica, query);
            Assert.Equal((query, ForAMoment), (query, page.CacheControl));
            Assert.Equal(data, page.Data);
            var gap = page.Json.GetProperty("gap");
            return (gap.GetProperty("reason").GetString(), Number("from"), Number("to"));

            long? Number(string name) => gap.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;
        }
    }

    [Fact]
    public async Task A_page_that_ends_with_the_topic_is_not_kept_since_the_topic_may_be_opened_again()
    {
        var replica = await StartReplicaAsync("a");
        var ids = await PublishAsync(replica, Numbers(1, 4));
        await replica.Publisher.EndAsync(Topic);
        var query = $"?after={ids[0]}&limit=4";
        var ended = await GetAsync(replica, query);
        Assert.Equal((ForAMoment, null, StreamEventTypes.End), (ended.CacheControl, ended.Next, ended.Types[^1]));
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "n5"), new PublishOptions { Reopen = true });
        var opened = await GetAsync(replica, query);
        Assert.Equal((Forever, StreamEventTypes.Reopened), (opened.CacheControl, opened.Types[^1]));
        Assert.NotEqual(ended.Tag, opened.Tag);
    }

    [Fact]
    public async Task A_page_that_is_known_is_not_sent_again_and_one_that_is_not_for_everybody_is_not_for_shared_caches()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, Numbers(1, 5));
        var page = await GetAsync(replica, "?limit=2");
        foreach (
            var (tag, status) in new[]
            {
                (page.Tag, HttpStatusCode.NotModified),
                ("W/" + page.Tag, HttpStatusCode.NotModified),
                ("\"other\"", HttpStatusCode.OK),
            }
        )
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Address("?limit=2"));
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            using var answer = await replica.Client.SendAsync(request);
            Assert.Equal((status, page.Tag), (answer.StatusCode, answer.Headers.ETag?.ToString()));
        }
        using var head = await replica.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Address("?limit=2")));
        Assert.Equal(
            (HttpStatusCode.OK, page.Tag, true),
            (head.StatusCode, head.Headers.ETag?.ToString(), head.Content.Headers.ContentLength > 100)
        );
        using var options = await replica.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, Address("")));
        Assert.Equal(["GET", "HEAD", "OPTIONS"], options.Content.Headers.Allow.Order());
        replica.Client.DefaultRequestHeaders.Add(Replica.UserHeader, "ann");
        Assert.Equal("private, max-age=1", (await GetAsync(replica, "?limit=2")).CacheControl);
        Assert.Equal("private, " + Forever, (await GetAsync(replica, page.Next)).CacheControl);
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=x", "limit")]
    [InlineData("?after=x", "after")]
    [InlineData("?before=x", "before")]
    [InlineData("?after=a-1&before=a-2", "before")]
    public async Task What_is_no_page_is_refused(string query, string field)
    {
        var replica = await StartReplicaAsync("a");
        using var answer = await replica.Client.GetAsync(Address(query));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task A_topic_without_a_log_has_an_empty_history()
    {
        var replica = await StartReplicaAsync("a");
        foreach (var query in new[] { "", "?before=head", "?after=0-0" })
        {
            var page = await GetAsync(replica, query);
            Assert.Equal(("0-0", ForAMoment, null, null), (page.Cursor, page.CacheControl, page.Next, page.Previous));
            Assert.Empty(page.Data);
        }
    }

    private string Address(string? query) => $"/streams/{Topic}/events{query}";

    private async Task<Page> GetAsync(Replica replica, string? query)
    {
        using var answer = await replica.Client.GetAsync(Address(query));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        return new Page(
            await answer.Content.ReadFromJsonAsync<JsonElement>(),
            answer.Headers.NonValidated["Cache-Control"].ToString(),
            answer.Headers.ETag!.ToString()
        );
    }

    private sealed record Page(JsonElement Json, string CacheControl, string Tag)
    {
        public string[] Data => Texts("data");

        public string[] Types => Texts("type");

        public string? Cursor => Text("cursor");

        public string? Next => Text("next");

        public string? Previous => Text("previous");

        private string? Text(string name) => Json.TryGetProperty(name, out var value) ? value.GetString() : null;

        private string[] Texts(string name) =>
            [.. Json.GetProperty("events").EnumerateArray().Select(e => e.GetProperty(name).GetString()!)];
    }
}

public sealed class RedisHistoryTests(RedisServers servers) : HistoryContract(servers, RedisServerKind.Redis);

public sealed class GarnetHistoryTests(RedisServers servers) : HistoryContract(servers, RedisServerKind.Garnet);
