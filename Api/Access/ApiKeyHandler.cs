using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Api.Access;

/// <summary>Knows programs by their keys.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    IOptions<AccessOptions> access
) : AccessHandler(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    private readonly (byte[] Hash, ApiKeyOptions Key)[] _keys =
    [
        .. access.Value.ApiKeys.Select(key => (key.Hash is { } hash ? Convert.FromHexString(hash) : HashOf(key.Key!), key)),
    ];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var given = HashOf(Credentials.KeyOf(Request) ?? "");
        ClaimsPrincipal? caller = null;
        // All are compared, each in a time that tells nothing of where the two differ.
        foreach (var (hash, key) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, given))
                caller = Caller.Create(SchemeName, key.Subject, key.Rights);
        }
        return Task.FromResult(
            caller is null
                ? AuthenticateResult.Fail("The key is not known.")
                : AuthenticateResult.Success(new AuthenticationTicket(caller, SchemeName))
        );
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
