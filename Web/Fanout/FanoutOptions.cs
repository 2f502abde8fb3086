using System.ComponentModel.DataAnnotations;

namespace Web.Fanout;

/// <summary>The settings of the fan-out page, section <c>Fanout</c>.</summary>
internal sealed class FanoutOptions
{
    public const string Section = "Fanout";

    /// <summary>Viewers that one page may open.</summary>
    public const int MaxViewersOfPage = 50;

    /// <summary>Viewers that all pages of this process may have open together; each is a connection to the Api.</summary>
    [Range(1, 100_000)]
    public int MaxViewers { get; set; } = 500;

    /// <summary>What the Api wants to see from publishers (its <c>Streams:PublisherKey</c>). Not needed in Development.</summary>
    public string? PublisherKey { get; set; }
}
