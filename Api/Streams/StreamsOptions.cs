using System.ComponentModel.DataAnnotations;

namespace Api.Streams;

/// <summary>Settings of the general streams, bound from the configuration section <c>Streams</c>.</summary>
internal sealed class StreamsOptions
{
    public const string SectionName = "Streams";

    /// <summary>The secret that publishers send as <c>X-Api-Key</c> or as a bearer token. Without one nobody can publish, except in Development, where everybody can.</summary>
    [MinLength(16)]
    public string? PublisherKey { get; set; }
}
