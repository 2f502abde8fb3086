using System.ComponentModel.DataAnnotations;

namespace LocalHosting.Orchestration;

/// <summary>The settings of this host, section <c>LocalHosting</c>.</summary>
internal sealed class LocalHostingOptions
{
    public const string Section = "LocalHosting";

    /// <summary>
    /// Which Redis server to run: <c>auto</c>, <c>redis-server</c>, <c>valkey-server</c>, <c>garnet</c>, or the path of a server that takes
    /// redis-server's configuration file.
    /// </summary>
    [Required]
    public string Redis { get; set; } = "auto";

    /// <summary>The folder that keeps what outlives a run; by default <c>.aspiresse</c> beside the solution.</summary>
    public string? StatePath { get; set; }
}
