using Microsoft.Extensions.Options;

namespace Api.Access;

/// <summary>Ends the start with a sentence where nobody has said who may do what.</summary>
internal sealed class AccessValidation(IHostEnvironment environment, IConfiguration configuration) : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var faults = new List<string>();
        var mode = new AccessMode(options, environment, configuration);
        if (mode is { HasTokens: false, HasKeys: false, IsOpen: false })
        {
            faults.Add(
                "Outside Development it must be said who may call. Set Access:Authority and Access:Audience (tokens of an OpenID Connect "
                    + "issuer), or Access:ApiKeys (keys of programs), or Access:Open=true (whoever can reach this service may submit "
                    + "jobs). "
                    + "As environment variables: Access__Authority, Access__ApiKeys__0__Hash, Access__Open."
            );
        }
        if (!string.IsNullOrEmpty(options.Authority))
        {
            if (!Uri.TryCreate(options.Authority, UriKind.Absolute, out var authority) || authority.Scheme is not ("https" or "http"))
                faults.Add("Access:Authority is an absolute http(s) address.");
            else if (authority.Scheme == "http" && !authority.IsLoopback)
                faults.Add(
                    "Access:Authority is an https address: over http anybody between could sign tokens. Only an issuer on this "
                        + "machine may do without."
                );
            if (string.IsNullOrEmpty(options.Audience))
                faults.Add("Access:Audience is missing: without it a token that the issuer made for another service would be taken here.");
        }
        for (var i = 0; i < options.ApiKeys.Count; i++)
            faults.AddRange(FaultsOf(options.ApiKeys[i]).Select(fault => $"{AccessOptions.SectionName}:ApiKeys:{i}: {fault}"));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> FaultsOf(ApiKeyOptions key)
    {
        if (key is { Hash: null, Key: null } or { Hash: not null, Key: not null })
            yield return "name the Hash of the key (echo -n KEY | sha256sum), or the Key itself where the configuration is a store of "
                + "secrets; one of the two.";
        if (key.Hash is { } hash && !(hash.Length == 64 && hash.All(char.IsAsciiHexDigit)))
            yield return "the Hash is a SHA-256 in 64 hexadecimal digits.";
        if (key.Key is { Length: < ApiKeyOptions.MinKeyLength })
            yield return $"the Key has at least {ApiKeyOptions.MinKeyLength} characters; openssl rand -hex 32 makes a good one.";
        if (key.Subject.Length is 0 or > Caller.MaxSubjectLength)
            yield return $"the Subject, who calls with this key, has 1 to {Caller.MaxSubjectLength} characters.";
        foreach (var right in key.Rights.Where(right => !Right.IsKnown(right)))
            yield return $"there is no right '{right}'. The rights are {Right.Submit}, {Right.Publish}, {Right.Publish}:PREFIX and "
                + $"{Right.Administer}.";
    }
}
