using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Subtitles.Media;

/// <summary>A folder as the store: local, or a volume that Api and Workers share.</summary>
internal sealed class FolderMediaStore : IMediaStore
{
    private const int NameLength = 32;

    public FolderMediaStore(IOptions<MediaOptions> options)
    {
        Folder = FindFolder(options.Value);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    public static string FindFolder(MediaOptions options) =>
        string.IsNullOrWhiteSpace(options.Path) ? FindDefaultFolder() : Path.GetFullPath(options.Path);

    public async Task<string> SaveAsync(Stream content, string extension, long maxBytes, string? key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (extension.Length > 0 && !MediaFormat.StoredExtensions.Contains(extension))
            throw new ArgumentException($"Files with the extension '{extension}' are not stored.", nameof(extension));

        var fresh = RandomNumberGenerator.GetHexString(NameLength, lowercase: true);
        var name = (key is null ? fresh : NameOf(key)) + extension;
        // Under a name that FindPath never gives out, so that no one reads half a file.
        var unfinished = Path.Combine(Folder, fresh + extension + ".part");
        try
        {
            await using (
                var file = new FileStream(
                    unfinished,
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    bufferSize: 1,
                    FileOptions.Asynchronous
                )
            )
                await CopyAsync(content, file, maxBytes, cancellationToken);
            File.Move(unfinished, Path.Combine(Folder, name), overwrite: true);
            return name;
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    public string? FindPath(string name)
    {
        if (!IsName(name))
            return null;
        var path = Path.Combine(Folder, name);
        return File.Exists(path) ? path : null;
    }

    public string? FindName(string key) =>
        MediaFormat.StoredExtensions.Select(extension => NameOf(key) + extension).FirstOrDefault(name => FindPath(name) is not null);

    public void Touch(string name)
    {
        if (FindPath(name) is { } path)
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
    }

    public void Delete(string name)
    {
        if (IsName(name))
            File.Delete(Path.Combine(Folder, name));
    }

    private static string NameOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..NameLength];

    /// <summary>Names come back from clients by way of job requests: only what this store makes is one, which leaves no room for a
    /// path.</summary>
    private static bool IsName(string? name) =>
        name is { Length: >= NameLength }
        && name.Take(NameLength).All(char.IsAsciiHexDigitLower)
        && (name.Length == NameLength || MediaFormat.StoredExtensions.Contains(name[NameLength..]));

    private static async Task CopyAsync(Stream content, FileStream file, long maxBytes, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            var total = 0L;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                total += read;
                if (total > maxBytes)
                    throw new MediaTooLargeException(maxBytes);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string FindDefaultFolder()
    {
        // The services of a checkout find each other's files without a setting.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AspireSse.sln")))
                return Path.Combine(folder.FullName, ".aspiresse", "media");
        }
        return Path.Combine(Path.GetTempPath(), "aspiresse", "media");
    }
}
