using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Subtitles.Media;
using Tests.Fixtures;

namespace Tests.Unit.Media;

public sealed class FolderMediaStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderMediaStore _store;

    public FolderMediaStoreTests() => _store = new FolderMediaStore(Options.Create(new MediaOptions { Path = _folder["media"] }));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gives_back_what_was_stored_under_a_random_name()
    {
        var bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);
        var first = await _store.SaveAsync(new MemoryStream(bytes), ".webm", bytes.Length, null, default);
        var second = await _store.SaveAsync(new MemoryStream(bytes), ".webm", bytes.Length, null, default);
        Assert.NotEqual(first, second);
        Assert.EndsWith(".webm", first, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_store.FindPath(first)!));
        _store.Delete(first);
        _store.Delete(first);
        Assert.Null(_store.FindPath(first));
    }

    [Fact]
    public async Task Leaves_nothing_of_what_is_too_large()
    {
        var failure = await Assert.ThrowsAsync<MediaTooLargeException>(() =>
            _store.SaveAsync(new MemoryStream(new byte[1001]), ".wav", 1000, null, default)
        );
        Assert.Equal("The media is larger than the limit of 1000 bytes.", failure.Message);
        Assert.Empty(Directory.GetFiles(_store.Folder));
        await _store.SaveAsync(new MemoryStream(new byte[1000]), ".wav", 1000, null, default);
    }

    [Fact]
    public async Task Leaves_nothing_of_a_stream_that_breaks_off()
    {
        await Assert.ThrowsAsync<IOException>(() => _store.SaveAsync(new BrokenStream(), ".wav", 1000, null, default));
        Assert.Empty(Directory.GetFiles(_store.Folder));
    }

    [Theory]
    [InlineData(".exe")]
    [InlineData("wav")]
    [InlineData(".wav/../../x")]
    public async Task Stores_no_other_extensions(string extension) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _store.SaveAsync(new MemoryStream(), extension, 1000, null, default));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../secret.wav")]
    [InlineData("/etc/passwd")]
    [InlineData("0123456789abcdef0123456789abcdef.exe")]
    [InlineData("0123456789abcdef0123456789abcdef.wav/../secret.wav")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF.wav")]
    public void Finds_only_names_of_its_own(string name)
    {
        File.WriteAllText(_folder["secret.wav"], "secret");
        File.WriteAllText(Path.Combine(_store.Folder, "0123456789abcdef0123456789abcdef.exe"), "x");
        Assert.Null(_store.FindPath(name));
        _store.Delete(name);
        Assert.True(File.Exists(_folder["secret.wav"]));
    }

    [Fact]
    public async Task Old_files_are_swept()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var sweeper = new MediaSweeper(
            _store,
            new LiveMediaStore(Options.Create(new MediaOptions { Path = _store.Folder }), time),
            Options.Create(new MediaOptions()),
            time,
            NullLogger<MediaSweeper>.Instance
        );
        var old = await _store.SaveAsync(new MemoryStream([1]), ".wav", 10, null, default);
        time.Advance(TimeSpan.FromDays(7));
        sweeper.Sweep();
        Assert.NotNull(_store.FindPath(old));
        time.Advance(TimeSpan.FromDays(1.1));
        sweeper.Sweep();
        Assert.Null(_store.FindPath(old));
    }

    /// <summary>Gives a few bytes, then fails as a lost connection does.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        private bool _hasGiven;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_hasGiven)
                throw new IOException("The connection is lost.");
            _hasGiven = true;
            return ValueTask.FromResult(10);
        }
    }
}
