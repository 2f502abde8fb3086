using System.Security.Claims;

namespace Api.Access;

/// <summary>What a caller may do beside what everybody may with their own jobs. Rights are claims of this type; tokens bring them as scopes
/// or roles.</summary>
internal static class Right
{
    public const string ClaimType = "right";

    /// <summary>Submit jobs. Everybody with a token has it.</summary>
    public const string Submit = "submit";

    /// <summary>Publish to any topic that is not the service's own; <c>publish:PREFIX</c> only to those that begin so.</summary>
    public const string Publish = "publish";

    /// <summary>Everything, with everybody's jobs.</summary>
    public const string Administer = "administer";

    private const string PublishTo = Publish + ":";

    public static bool IsKnown(string right) =>
        right is Submit or Publish or Administer
        || (right.StartsWith(PublishTo, StringComparison.Ordinal) && right.Length > PublishTo.Length);

    public static bool Has(ClaimsPrincipal user, string right) => user.HasClaim(ClaimType, right) || user.HasClaim(ClaimType, Administer);

    public static bool MayPublish(ClaimsPrincipal user, string? topic) =>
        Has(user, Publish)
        || (
            topic is not null
            && user.FindAll(right => right.Type == ClaimType && right.Value.StartsWith(PublishTo, StringComparison.Ordinal))
                .Any(right => topic.StartsWith(right.Value[PublishTo.Length..], StringComparison.Ordinal))
        );

    public static IEnumerable<Claim> ClaimsOf(IEnumerable<string> rights) => rights.Select(right => new Claim(ClaimType, right));
}
