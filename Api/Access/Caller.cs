using System.Security.Claims;
using Api.Problems;
using Subtitles.Jobs;

namespace Api.Access;

/// <summary>Who calls: the claim <c>sub</c> of whatever credentials they have.</summary>
internal static class Caller
{
    public const string SubjectClaim = "sub";
    public const int MaxSubjectLength = 255;

    /// <summary>The caller's subject; null where they have none.</summary>
    public static string? SubjectOf(ClaimsPrincipal user) => user.FindFirst(SubjectClaim)?.Value;

    public static ClaimsPrincipal Create(string scheme, string subject, params IEnumerable<string> rights) =>
        new(new ClaimsIdentity([new Claim(SubjectClaim, subject), .. Right.ClaimsOf(rights)], scheme, SubjectClaim, Right.ClaimType));

    public static bool Owns(ClaimsPrincipal user, Job job) => Right.Has(user, Right.Administer) || SubjectOf(user) == job.Request.Owner;

    /// <exception cref="ApiException">403: the job is somebody else's.</exception>
    public static void RequireOwner(ClaimsPrincipal user, Job job)
    {
        if (!Owns(user, job))
            throw new ApiException(
                StatusCodes.Status403Forbidden,
                "This job is somebody else's: whoever has its id may watch it, and only its owner may change it."
            );
    }
}
