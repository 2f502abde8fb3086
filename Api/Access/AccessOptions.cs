using System.ComponentModel.DataAnnotations;

namespace Api.Access;

/// <summary>Who may do what, bound from the configuration section <c>Access</c>. Outside Development one of the three ways must be
/// chosen.</summary>
internal sealed class AccessOptions
{
    public const string SectionName = "Access";

    /// <summary>The issuer whose access tokens (JWT) are taken: an http(s) address with <c>/.well-known/openid-configuration</c> under
    /// it.</summary>
    public string? Authority { get; set; }

    /// <summary>What a token must name as its audience. Required with an authority.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// Whether callers without credentials may submit jobs: each is the owner of theirs by a signed cookie. Not set in Development: they
    /// are all one subject there, who may do everything. Not set elsewhere: they may only watch jobs whose ids they know.
    /// </summary>
    public bool? Open { get; set; }

    /// <summary>
    /// Topics that callers without credentials may follow, by what their names begin with. Those of jobs are: their names are as good as
    /// keys.
    /// </summary>
    public IList<string> PublicTopics { get; set; } = [];

    /// <summary>Keys of programs, sent as <c>X-Api-Key</c> or as a bearer token.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; set; } = [];
}

/// <summary>One key, whose it is, and what it may do.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>The least letters of a key: one that was drawn at random has no fewer.</summary>
    public const int MinKeyLength = 16;

    /// <summary>The SHA-256 of the key, in hexadecimal: what is written here opens nothing.</summary>
    public string? Hash { get; set; }

    /// <summary>The key itself instead, where the configuration comes from a store of secrets.</summary>
    public string? Key { get; set; }

    /// <summary>Who calls with it: the owner of the jobs that it submits.</summary>
    [Required]
    public string Subject { get; set; } = "";

    /// <summary>As <see cref="Right"/> writes them: <c>submit</c>, <c>publish</c>, <c>publish:PREFIX</c>, <c>administer</c>.</summary>
    public IList<string> Rights { get; set; } = [];
}
