namespace Subtitles.Media;

/// <summary>Holds uploaded and fetched media where Api and every Worker can read it. The default is a shared folder.</summary>
public interface IMediaStore
{
    /// <summary>
    /// Stores a stream under a new name and returns the name. Nothing is held in memory; a failed or canceled write leaves nothing behind.
    /// </summary>
    /// <param name="content">The bytes.</param>
    /// <param name="extension">The file's extension with its dot, or empty; checked against a list.</param>
    /// <param name="maxBytes">The most bytes to take.</param>
    /// <param name="key">Whose file it is: there is one for a key, which a later one replaces. Null for a new name.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="MediaTooLargeException">The stream has more bytes than allowed.</exception>
    Task<string> SaveAsync(Stream content, string extension, long maxBytes, string? key, CancellationToken cancellationToken);

    /// <summary>The name of the file that was stored for a key, or null.</summary>
    string? FindName(string key);

    /// <summary>Counts the time to live of a stored file from now on: its job is at work.</summary>
    void Touch(string name);

    /// <summary>The local path of a stored file, or null when it is not (or no longer) there.</summary>
    string? FindPath(string name);

    /// <summary>Deletes a stored file that no job came to need. One that is not there is no error.</summary>
    void Delete(string name);
}

/// <summary>More bytes than the limit allows.</summary>
public sealed class MediaTooLargeException : Exception
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>Creates the exception.</summary>
    public MediaTooLargeException(long maxBytes)
        : base($"The media is larger than the limit of {Describe(maxBytes)}.") => MaxBytes = maxBytes;

    /// <summary>Creates the exception.</summary>
    public MediaTooLargeException()
        : this(0) { }

    /// <summary>Creates the exception.</summary>
    public MediaTooLargeException(string message)
        : base(message) { }

    /// <summary>Creates the exception.</summary>
    public MediaTooLargeException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>The limit, in bytes.</summary>
    public long MaxBytes { get; }

    private static string Describe(long bytes) => bytes >= Mebibyte ? $"{(double)bytes / Mebibyte:0.#} MiB" : $"{bytes} bytes";
}
