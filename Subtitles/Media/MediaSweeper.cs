using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Subtitles.Media;

/// <summary>Deletes stored files that have outlived <see cref="MediaOptions.TimeToLive"/>. Every service with the folder may run it: a file
/// that is gone already is no error.</summary>
internal sealed partial class MediaSweeper(
    FolderMediaStore store,
    LiveMediaStore live,
    IOptions<MediaOptions> options,
    TimeProvider time,
    ILogger<MediaSweeper> logger
) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>An upload that has not been written to for so long is a leftover of a process that died.</summary>
    private static readonly TimeSpan UnfinishedTimeToLive = TimeSpan.FromHours(6);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Sweep();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                LogFailed(logger, store.Folder, failure);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    internal void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var file in new DirectoryInfo(store.Folder).EnumerateFiles())
        {
            var age = now - file.LastWriteTimeUtc;
            if (age > options.Value.TimeToLive || (file.Extension == ".part" && age > UnfinishedTimeToLive))
            {
                file.Delete();
                LogDeleted(logger, file.Name, age);
            }
        }
        live.Sweep(now - options.Value.TimeToLive);
    }

    [LoggerMessage(LogLevel.Information, "Deleted {Name}, stored {Age} ago.")]
    private static partial void LogDeleted(ILogger logger, string name, TimeSpan age);

    [LoggerMessage(LogLevel.Warning, "The media folder {Folder} could not be swept; the next try is in an hour.")]
    private static partial void LogFailed(ILogger logger, string folder, Exception failure);
}
