namespace Api.Access;

/// <summary>Which ways in there are.</summary>
internal sealed class AccessMode
{
    // Where `dotnet user-jwts` writes the keys of its tokens, and where the framework reads them.
    private const string LocalTokens = "Authentication:Schemes:Bearer";

    public AccessMode(AccessOptions options, IHostEnvironment environment, IConfiguration configuration)
    {
        HasTokens = !string.IsNullOrEmpty(options.Authority) || configuration.GetSection(LocalTokens).Exists();
        HasKeys = options.ApiKeys.Count > 0;
        IsShared = environment.IsDevelopment() && options.Open is null;
        IsOpen = IsShared || options.Open == true;
    }

    /// <summary>Access tokens of an issuer are taken.</summary>
    public bool HasTokens { get; }

    /// <summary>Keys of programs are taken.</summary>
    public bool HasKeys { get; }

    /// <summary>Callers without credentials may submit jobs.</summary>
    public bool IsOpen { get; }

    /// <summary>Callers without credentials are all one subject.</summary>
    public bool IsShared { get; }

    /// <summary>The sentence of the start.</summary>
    public override string ToString()
    {
        string[] ways = [.. Credentials()];
        var known = ways.Length == 0 ? "" : $" Callers are known by {string.Join(" and ", ways)}.";
        return this switch
        {
            { IsShared: true } => "Access is open, as always in Development: whoever can reach this service may do everything." + known,
            { IsOpen: true } => "Access is open: whoever can reach this service may submit jobs and watch; a cookie shows whose they are."
                + known,
            _ => "Access is closed: without credentials one can only watch a job whose id one knows." + known,
        };

        IEnumerable<string> Credentials()
        {
            if (HasTokens)
                yield return "tokens";
            if (HasKeys)
                yield return "API keys";
        }
    }
}
