using System.Text;
using EventStreams.Client;
using Tests.Fixtures;

namespace Tests.Unit.Client;

/// <summary>The format, by the cases that the web-platform-tests (<c>eventsource/format-*</c>) name and that browsers are measured
/// by.</summary>
public sealed class FormatTests
{
    private static readonly string Long = new('x', 2049);

    public static TheoryData<string, string, string[]> Cases =>
        new()
        {
            { "format-bom", "\uFEFFdata:1\n\n\uFEFFdata:2\n\ndata:3\n\n", ["message 1", "message 3"] },
            { "format-bom-2", "\uFEFF\uFEFFdata:1\n\ndata:2\n\ndata:3\n\n", ["message 2", "message 3"] },
            { "format-comments", $"data:1\n:\0\n:\ndata:2\n:{Long}\ndata:3\n:data:fail\n:{Long}\ndata:4\n\n", ["message 1\n2\n3\n4"] },
            { "format-data-before-final-empty-line", "data:test1\n\nid:test\ndata:test2", ["message test1"] },
            { "format-field-data", "data:\n\ndata\ndata\n\ndata:test\n\n", ["message ", "message \n", "message test"] },
            { "format-field-event-empty", "event: \ndata:data\n\n", ["message data"] },
            { "format-field-event", "event:test\ndata:x\n\ndata:y\n\n", ["test x", "message y"] },
            {
                "format-field-parsing",
                "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
                ["message \0\n 2\n1\n3\n\n4"]
            },
            {
                "format-field-unknown",
                "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacomment\ndata:test\n\n",
                ["message test\n\ntest"]
            },
            { "format-leading-space", "data:\ttest\rdata: \ndata:test\n\n", ["message \ttest\n\ntest"] },
            { "format-newlines", "data:test\r\ndata\ndata:test\r\n\r", ["message test\n\ntest"] },
            { "format-null-character", "data:\0\n\n\n\n", ["message \0"] },
            { "format-utf-8", "data:ok…\n\n", ["message ok…"] },
            { "format-field-id-null: ids with NUL do not count", "id:\0a\ndata:1\n\n", ["message 1"] },
            { "field-retry-empty", "retry\ndata:test\n\n", ["message test"] },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_block_is_read_as_browsers_read_it_however_it_is_cut_into_pieces(string name, string text, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var size in (int[])[1, 2, 3, bytes.Length])
        {
            await using var reader = new BlockReader(new Pieces(bytes, size));
            var seen = new List<string>();
            while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } block)
            {
                Assert.True(block.Id is null, name);
                seen.Add($"{block.Type} {block.Data}");
            }
            Assert.Equal(expected, seen);
        }
    }

    [Fact]
    public async Task An_event_is_there_with_the_CR_that_ends_its_block_since_nothing_may_follow_for_long()
    {
        await using var reader = new BlockReader(new Pieces("data:1\r\r"u8.ToArray(), 100, isOpen: true));
        Assert.Equal(
            "1",
            (await reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.DefaultLimit))?.Data
        );
    }

    [Theory]
    [InlineData("format-field-retry", "retry:03000\ndata:x\n\n", 3000)]
    [InlineData("format-field-retry-bogus", "retry:3000\nretry:1000x\ndata:x\n\n", 3000)]
    [InlineData("format-field-retry-empty", "retry\ndata:x\n\n", null)]
    [InlineData("beyond all measure", "retry:99999999999999999999999\ndata:x\n\n", 86_400_000)]
    public async Task A_retry_counts_when_it_is_a_number(string name, string text, int? expected)
    {
        await using var reader = new BlockReader(new Pieces(Encoding.UTF8.GetBytes(text), 5));
        Assert.Equal("x", (await reader.ReadAsync(TestContext.Current.CancellationToken))?.Data);
        Assert.True(expected == reader.Retry?.TotalMilliseconds, name);
    }

    [Theory]
    [InlineData("format-field-id", "id: …\ndata:1\n\n", "… ", "…")]
    [InlineData("format-field-id-2: it stays with what follows", "id: 1\ndata:1\n\ndata:2\n\n", "1 1 ", "1")]
    [InlineData("format-field-id-3: an empty one takes it back", "id: 1\ndata:1\n\nid\ndata:2\n\n", "1  ", null)]
    [InlineData("format-field-id-null", "id: 1\ndata:1\n\nid: a\0b\ndata:2\n\n", "1 1 ", "1")]
    [InlineData("an id alone", "id: 1\ndata:1\n\nid: 2\n\n", "1 ", "2")]
    public async Task The_last_id_goes_with_the_next_request(string name, string text, string ids, string? resumesAfter)
    {
        await using var server = await ScriptedServer.StartAsync(ScriptedServer.Stream(text), ScriptedServer.Status(204));
        var seen = new StringBuilder();
        await foreach (var message in FollowAsync(server, "/?x=1"))
            seen.Append(message.Id).Append(' ');
        Assert.True((ids, 2) == (seen.ToString(), server.Cursors.Count), name);
        Assert.Equal(resumesAfter, server.Cursors[1]);
    }

    [Theory]
    [InlineData("format-mime-trailing-semicolon", "text/event-stream;", true)]
    [InlineData("format-mime-valid-bogus", "text/event-stream;x bogus", true)]
    [InlineData("format-utf-8: a charset does not count", "Text/Event-Stream;charset=windows-1252", true)]
    [InlineData("format-mime-bogus", "x bogus", false)]
    public async Task The_type_of_the_answer_decides_and_nothing_behind_it(string name, string contentType, bool isStream)
    {
        await using var server = await ScriptedServer.StartAsync(
            ScriptedServer.Stream("data:ok…\n\n", contentType),
            ScriptedServer.Status(204)
        );
        if (!isStream)
        {
            await Assert.ThrowsAsync<EventStreamRefusedException>(async () =>
                await FollowAsync(server, "/").GetAsyncEnumerator(TestContext.Current.CancellationToken).MoveNextAsync()
            );
            return;
        }
        var messages = new List<string>();
        await foreach (var message in FollowAsync(server, "/"))
            messages.Add(message.Data);
        Assert.True(messages is ["ok…"], name);
    }

    private static IAsyncEnumerable<StreamMessage> FollowAsync(ScriptedServer server, string address) =>
        new EventStreamClient(server.Client).FollowAsync(
            new Uri(address, UriKind.Relative),
            new FollowOptions { Retry = TimeSpan.FromMilliseconds(1) },
            TestContext.Current.CancellationToken
        );

    /// <summary>A body that comes in pieces of one size and then ends, or stays silent.</summary>
    private sealed class Pieces(byte[] bytes, int size, bool isOpen = false) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
            if (read == 0 && isOpen)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return read;
        }
    }
}
