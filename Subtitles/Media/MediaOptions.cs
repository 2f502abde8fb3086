using System.ComponentModel.DataAnnotations;

namespace Subtitles.Media;

/// <summary>Settings of stored and fetched media, bound from the configuration section <c>Media</c>.</summary>
public sealed class MediaOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Media";

    /// <summary>
    /// The folder that Api and every Worker share. Default: <c>.aspiresse/media</c> beside the solution file, or in the system's temporary
    /// folder where there is no solution.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>The most bytes of one upload or fetch.</summary>
    [Range(1, long.MaxValue)]
    public long MaxUploadBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>Whether a source may be at a private, loopback or otherwise internal address. Leave it off where strangers can submit
    /// jobs.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Hosts, as an address names them, that may be sources although they are internal: your own media server, for
    /// example.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>How long the fetch of one source may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Redirects that a fetch follows; each is checked like the first address.</summary>
    [Range(0, 20)]
    public int MaxRedirects { get; set; } = 5;

    /// <summary>How long stored files are kept. Longer than jobs are remembered, so that an ended job can be retried.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromDays(8);

    /// <summary>The most bytes of one chunk of live media.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxChunkBytes { get; set; } = 1024 * 1024;

    /// <summary>How long nothing may come of live media before it counts as ended.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "1.00:00:00")]
    public TimeSpan LiveSilenceLimit { get; set; } = TimeSpan.FromMinutes(2);
}
