using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Transcription;

namespace Subtitles.Media;

/// <summary>
/// Holds live media where Api and every Worker can read it: a folder for each job beneath that of the media store, with a file for each
/// chunk. Chunks are numbered from 0 and are taken in their order, each once, by whichever replica; one that is sent again changes nothing.
/// So what is there is contiguous, and whoever reads it can begin anew at any time.
/// </summary>
public sealed class LiveMediaStore
{
    private const int FolderNameLength = 32;
    private const string EndName = "end";
    private const string LockName = "lock";
    private const int ChunksBetweenSums = 64;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LockPollInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly MediaOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Creates the store.</summary>
    public LiveMediaStore(IOptions<MediaOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time) = (options.Value, time);
        _folder = Path.Combine(FolderMediaStore.FindFolder(_options), "live");
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Takes a chunk.</summary>
    /// <param name="job">Whose it is.</param>
    /// <param name="number">Its number, from 0.</param>
    /// <param name="content">Its bytes; only the last chunk may have none.</param>
    /// <param name="isLast">Whether the media ends with it.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="MediaTooLargeException">The media has more bytes than allowed by now.</exception>
    public async Task<LiveChunkOutcome> PutAsync(
        JobId job,
        int number,
        ReadOnlyMemory<byte> content,
        bool isLast,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var folder = Directory.CreateDirectory(FolderOf(job)).FullName;
        await using var locked = await LockAsync(folder, cancellationToken);
        if (ReadEnd(folder) is { } end && number >= end)
            return LiveChunkOutcome.Ended;
        if (number > 0 && !File.Exists(ChunkOf(folder, number - 1)))
            return LiveChunkOutcome.OutOfOrder;
        if (
            number % ChunksBetweenSums == ChunksBetweenSums - 1
            && new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length) > _options.MaxUploadBytes
        )
            throw new MediaTooLargeException(_options.MaxUploadBytes);
        var chunk = ChunkOf(folder, number);
        var stored = File.Exists(chunk) ? await File.ReadAllBytesAsync(chunk, cancellationToken) : null;
        if (stored is not null && !content.Span.SequenceEqual(stored))
            return LiveChunkOutcome.Different;
        if (stored is null)
            await WriteWholeAsync(chunk, content, cancellationToken);
        if (isLast)
            await WriteEndAsync(folder, number + 1, cancellationToken);
        return stored is null ? LiveChunkOutcome.Stored : LiveChunkOutcome.Known;
    }

    /// <summary>How far the media of a job has come.</summary>
    public LiveMediaState Read(JobId job)
    {
        var folder = FolderOf(job);
        // It is contiguous, so the first number that is missing is found by halving.
        var above = 1;
        while (File.Exists(ChunkOf(folder, above - 1)))
            above *= 2;
        var (low, high) = (above / 2, above - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = File.Exists(ChunkOf(folder, middle)) ? (middle + 1, high) : (low, middle);
        }
        return new LiveMediaState(low, ReadEnd(folder) is not null);
    }

    /// <summary>The media of a job. Its time to live counts from now on: the job is at work.</summary>
    public LiveMedia Open(JobId job)
    {
        Directory.CreateDirectory(FolderOf(job));
        Directory.SetLastWriteTimeUtc(FolderOf(job), _time.GetUtcNow().UtcDateTime);
        return new LiveMedia(this, job);
    }

    /// <summary>Deletes the media of a job; where there is none, that is no error.</summary>
    public void Delete(JobId job)
    {
        if (Directory.Exists(FolderOf(job)))
            Directory.Delete(FolderOf(job), recursive: true);
    }

    internal async Task CopyToAsync(JobId job, Stream target, CancellationToken cancellationToken)
    {
        var folder = FolderOf(job);
        for (var number = 0; await WaitForChunkAsync(folder, number, cancellationToken); number++)
        {
            await using var chunk = File.OpenRead(ChunkOf(folder, number));
            await chunk.CopyToAsync(target, cancellationToken);
            await target.FlushAsync(cancellationToken);
        }
    }

    internal void Sweep(DateTimeOffset before)
    {
        foreach (var folder in new DirectoryInfo(_folder).EnumerateDirectories().Where(f => f.LastWriteTimeUtc < before))
            folder.Delete(recursive: true);
    }

    /// <summary>False at the end of the media.</summary>
    private async Task<bool> WaitForChunkAsync(string folder, int number, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            // The end is read first: it is written after the last chunk.
            var end = ReadEnd(folder);
            if (File.Exists(ChunkOf(folder, number)))
                return end is null || number < end;
            if (end is not null)
                return false;
            if (_time.GetElapsedTime(began) >= _options.LiveSilenceLimit)
            {
                if (number == 0)
                    throw new TranscriptionException(
                        $"Nothing was sent for {_options.LiveSilenceLimit.TotalSeconds:0} s. Submit a live job when the media is about to "
                            + "begin."
                    );
                await using var locked = await LockAsync(folder, cancellationToken);
                // What came in this moment is heard all the same.
                if (File.Exists(ChunkOf(folder, number)))
                    continue;
                // Whoever sends hears of it, and no other attempt waits again.
                await WriteEndAsync(folder, number, cancellationToken);
                return false;
            }
            await Task.Delay(PollInterval, _time, cancellationToken);
        }
    }

    // By whoever holds the lock. An end that is there already stays.
    private static async Task WriteEndAsync(string folder, int count, CancellationToken cancellationToken)
    {
        var text = count.ToString(CultureInfo.InvariantCulture);
        if (ReadEnd(folder) is null)
            await WriteWholeAsync(Path.Combine(folder, EndName), Encoding.ASCII.GetBytes(text), cancellationToken);
    }

    private static int? ReadEnd(string folder)
    {
        var path = Path.Combine(folder, EndName);
        return File.Exists(path) ? int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Writes a file so that nobody ever finds a part of it.</summary>
    private static async Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var unfinished = path + ".part";
        await File.WriteAllBytesAsync(unfinished, content, cancellationToken);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>
    /// Keeps all others, in this process and elsewhere, from writing to a folder until it is disposed of; the system lets go of it when
    /// its process dies.
    /// That a file was not there is no proof: to rename a file replaces what has come meanwhile.
    /// </summary>
    private static async Task<FileStream> LockAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, LockName);
        for (var began = Environment.TickCount64; ; await Task.Delay(LockPollInterval, cancellationToken))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
            }
            catch (IOException) when (Directory.Exists(folder) && Environment.TickCount64 - began < LockLimit.TotalMilliseconds)
            {
                // Somebody else writes.
            }
        }
    }

    private static string ChunkOf(string folder, int number) =>
        Path.Combine(folder, number.ToString("0000000", CultureInfo.InvariantCulture));

    // An id tells upper from lower case, which some file systems do not.
    private string FolderOf(JobId job) =>
        Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(job.Value)))[..FolderNameLength]);
}

/// <summary>What became of a chunk.</summary>
public enum LiveChunkOutcome
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>It had been stored before, with the same bytes.</summary>
    Known,

    /// <summary>Another one has been stored under its number.</summary>
    Different,

    /// <summary>The one before it is not there yet.</summary>
    OutOfOrder,

    /// <summary>The media has ended before it.</summary>
    Ended,
}

/// <summary>How far live media has come.</summary>
/// <param name="Next">The number of the chunk that comes next.</param>
/// <param name="IsEnded">Whether the media has ended.</param>
public readonly record struct LiveMediaState(int Next, bool IsEnded);
