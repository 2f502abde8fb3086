using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Aspire.Hosting.ApplicationModel;

internal static partial class ResourceNames
{
    /// <summary>The comparison of resource names everywhere.</summary>
    public static readonly StringComparer Comparer = StringComparer.OrdinalIgnoreCase;

    /// <exception cref="ArgumentException">The name cannot be part of an address or of an environment variable.</exception>
    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!Valid.IsMatch(name))
        {
            throw new ArgumentException(
                $"'{name}' is not a resource name: use 1 to 64 ASCII letters, digits and single hyphens, beginning with a letter.", nameof(name));
        }
    }

    /// <summary>The part of an environment variable's name that stands for a resource or an endpoint.</summary>
    public static string ForEnvironment(string name) => NotAlphanumeric.Replace(name, "_");

    /// <summary>Eight random letters and digits: what tells one run of one replica from all others.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "A suffix that need not be secret.")]
    public static string NewSuffix() => new(Random.Shared.GetItems<char>("abcdefghjkmnpqrstuvwxyz", 8));

    [GeneratedRegex("^[A-Za-z](?:-?[A-Za-z0-9]){0,63}$")]
    private static partial Regex Valid { get; }

    [GeneratedRegex("[^A-Za-z0-9]")]
    private static partial Regex NotAlphanumeric { get; }
}
