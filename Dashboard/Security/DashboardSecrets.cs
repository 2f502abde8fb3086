using System.Security.Cryptography;
using System.Text;

namespace Dashboard.Security;

/// <summary>The secrets of one run: one for people and scripts, who read and give commands, and one for services, which only send.</summary>
public sealed class DashboardSecrets(DashboardOptions options)
{
    private const int Bytes = 16;

    /// <summary>Opens the dashboard.</summary>
    public string BrowserToken { get; } = options.BrowserToken ?? New();

    /// <summary>Lets a service send telemetry.</summary>
    public string OtlpApiKey { get; } = options.OtlpApiKey ?? New();

    /// <summary>Compares in a time that tells nothing of the secret.</summary>
    internal static bool Matches(string secret, string? given) => given is not null
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), SHA256.HashData(Encoding.UTF8.GetBytes(given)));

    private static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
