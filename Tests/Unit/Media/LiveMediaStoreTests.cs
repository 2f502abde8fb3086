using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription;
using Tests.Fixtures;

namespace Tests.Unit.Media;

public sealed class LiveMediaStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly JobId _job = JobId.Create();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Chunks_are_taken_in_order_and_once_whichever_replica_takes_them()
    {
        var (one, other) = (Store(), Store());
        Assert.Equal(LiveChunkOutcome.OutOfOrder, await PutAsync(one, 1, "b"));
        Assert.Equal(LiveChunkOutcome.Stored, await PutAsync(one, 0, "a"));
        Assert.Equal(LiveChunkOutcome.Stored, await PutAsync(other, 1, "b"));
        Assert.Equal(LiveChunkOutcome.Known, await PutAsync(one, 1, "b"));
        Assert.Equal(LiveChunkOutcome.Different, await PutAsync(one, 1, "x"));
        Assert.Equal(LiveChunkOutcome.OutOfOrder, await PutAsync(one, 3, "d"));
        Assert.Equal(new LiveMediaState(2, false), other.Read(_job));
        Assert.Equal(new LiveMediaState(0, false), other.Read(JobId.Create()));

        Assert.Equal(LiveChunkOutcome.Stored, await PutAsync(other, 2, "", isLast: true));
        Assert.Equal(LiveChunkOutcome.Known, await PutAsync(one, 2, "", isLast: true));
        Assert.Equal(LiveChunkOutcome.Known, await PutAsync(one, 0, "a"));
        Assert.Equal(LiveChunkOutcome.Ended, await PutAsync(one, 3, "d"));
        Assert.Equal(new LiveMediaState(3, true), one.Read(_job));
        Assert.Equal("ab", await ReadAsync(other));
        other.Delete(_job);
        Assert.Equal(new LiveMediaState(0, false), one.Read(_job));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public async Task The_next_chunk_is_found_however_many_there_are(int count)
    {
        var store = Store();
        for (var i = 0; i < count; i++)
            await PutAsync(store, i, "x");
        Assert.Equal(count, store.Read(_job).Next);
    }

    [Fact]
    public async Task One_of_two_that_send_the_same_chunk_at_once_stores_it()
    {
        var (one, other) = (Store(), Store());
        var outcomes = new List<LiveChunkOutcome>();
        for (var i = 0; i < 50; i++)
        {
            var number = i;
            outcomes.AddRange(
                await Task.WhenAll(
                    Task.Run(() => PutAsync(one, number, $"{number};")),
                    Task.Run(() => PutAsync(other, number, $"{number};"))
                )
            );
        }
        Assert.Equal(50, outcomes.Count(o => o == LiveChunkOutcome.Stored));
        Assert.Equal(50, outcomes.Count(o => o == LiveChunkOutcome.Known));
        await PutAsync(one, 50, "", isLast: true);
        Assert.Equal(string.Concat(Enumerable.Range(0, 50).Select(i => $"{i};")), await ReadAsync(other));
    }

    [Fact]
    public async Task Media_is_read_while_it_comes_and_ends_after_a_long_silence()
    {
        var time = new FakeTimeProvider();
        var store = Store(time);
        await PutAsync(store, 0, "a");
        using var target = new MemoryStream();
        var reading = store.Open(_job).CopyToAsync(target, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => target.Length == 1, "the first chunk is read");
        await PutAsync(store, 1, "b");
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
                return target.Length == 2;
            },
            "the second chunk is read"
        );
        Assert.False(reading.IsCompleted);
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(30));
                return reading.IsCompleted;
            },
            "the reading ends"
        );
        await reading;
        Assert.Equal(LiveChunkOutcome.Ended, await PutAsync(store, 2, "c"));
    }

    [Fact]
    public async Task Nothing_at_all_is_a_failure_and_too_much_is_refused()
    {
        var store = Store(options: new MediaOptions { LiveSilenceLimit = TimeSpan.FromMilliseconds(500), MaxUploadBytes = 100 });
        var silence = await Assert.ThrowsAsync<TranscriptionException>(() => ReadAsync(store));
        Assert.Contains("Nothing was sent", silence.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<MediaTooLargeException>(async () =>
        {
            for (var i = 0; i < 100; i++)
                await PutAsync(store, i, "0123456789");
        });
    }

    private LiveMediaStore Store(TimeProvider? time = null, MediaOptions? options = null)
    {
        options ??= new MediaOptions();
        options.Path = _folder["media"];
        return new LiveMediaStore(Options.Create(options), time ?? TimeProvider.System);
    }

    private Task<LiveChunkOutcome> PutAsync(LiveMediaStore store, int number, string content, bool isLast = false) =>
        store.PutAsync(_job, number, Encoding.ASCII.GetBytes(content), isLast, TestContext.Current.CancellationToken);

    private async Task<string> ReadAsync(LiveMediaStore store)
    {
        using var target = new MemoryStream();
        await store.Open(_job).CopyToAsync(target, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(target.ToArray());
    }
}
