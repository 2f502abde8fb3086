namespace Web.Security;

/// <summary>
/// Who signs users in, bound from the configuration section <c>Access</c>. Without an authority nobody does, and the Api knows visitors by
/// its own cookie.
/// </summary>
internal sealed class SignInOptions
{
    public const string SectionName = "Access";

    /// <summary>The OpenID Connect issuer: the one whose tokens the Api takes.</summary>
    public string? Authority { get; set; }

    /// <summary>What the issuer calls this service.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret that it shares with this service.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>What is asked for, separated by spaces: at least <c>openid</c>, and what makes the access token one for the Api's
    /// audience.</summary>
    public string Scope { get; set; } = "openid profile";

    public bool IsOn => !string.IsNullOrEmpty(Authority);
}
