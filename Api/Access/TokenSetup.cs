using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Api.Access;

/// <summary>
/// Takes access tokens (JWT): of <c>Access:Authority</c>, and, where <c>dotnet user-jwts</c> has configured it, of that. The subject is the
/// claim <c>sub</c>. Rights are what the claims <c>scope</c>,
/// <c>scp</c>, <c>role</c> and <c>roles</c> name of <see cref="Right"/>; whoever has a token may submit jobs.
/// </summary>
internal sealed class TokenSetup(IOptions<AccessOptions> access) : IPostConfigureOptions<JwtBearerOptions>
{
    public const string SchemeName = JwtBearerDefaults.AuthenticationScheme;

    private static readonly string[] RightClaims = ["scope", "scp", "role", "roles"];

    // Before the framework's own, which makes of the authority what it needs: the order of registration is that of their run.
    public void PostConfigure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.TokenValidationParameters.NameClaimType = Caller.SubjectClaim;
        options.TokenValidationParameters.RoleClaimType = Right.ClaimType;
        options.Events ??= new JwtBearerEvents();
        options.Events.OnTokenValidated = AddRights;
        if (string.IsNullOrEmpty(access.Value.Authority))
            return;
        options.Authority = access.Value.Authority;
        options.Audience = access.Value.Audience;
        // Over http only an issuer on this machine may be named.
        options.RequireHttpsMetadata = !new Uri(access.Value.Authority).IsLoopback;
    }

    private static Task AddRights(TokenValidatedContext context)
    {
        var user = context.Principal!;
        if (Caller.SubjectOf(user) is not { Length: > 0 and <= Caller.MaxSubjectLength })
        {
            context.Fail($"The token has no subject (sub) of 1 to {Caller.MaxSubjectLength} characters.");
            return Task.CompletedTask;
        }
        var identity = (ClaimsIdentity)user.Identity!;
        // What the token itself calls a right is nothing to this service.
        foreach (var claim in identity.FindAll(Right.ClaimType).ToArray())
            identity.RemoveClaim(claim);
        var named = RightClaims
            .SelectMany(type => identity.FindAll(type))
            .SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        identity.AddClaims(Right.ClaimsOf(named.Where(Right.IsKnown).Append(Right.Submit).Distinct().ToArray()));
        return Task.CompletedTask;
    }
}
