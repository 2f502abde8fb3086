using System.Security.Claims;
using EventStreams.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Tests.Unit.Streams;

public sealed class StreamCredentialTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(60, null, 60)]
    [InlineData(null, 30, 30)]
    [InlineData(60, 30, 30)]
    [InlineData(20, 30, 20)]
    public void The_first_moment_that_tells_of_an_end_counts(int? claim, int? ticket, int? expected)
    {
        var credential = Of(claim is { } c ? [("exp", Seconds(c))] : [], expires: ticket);
        Assert.Equal(expected is { } left ? TimeSpan.FromSeconds(left) : null, credential.TimeLeft);
    }

    [Theory]
    [InlineData("iat")]
    [InlineData("auth_time")]
    public void The_issue_time_is_what_the_token_says_less_what_its_issuers_clock_may_be_ahead(string claim) =>
        Assert.Equal(RedisClock.MicrosecondsOf(Now.AddSeconds(-65)), Of([(claim, Seconds(-60))], null).IssuedAt);

    [Fact]
    public void What_tells_no_issue_time_was_issued_before_everything() => Assert.Equal(0, Of([("iat", "yesterday")], null).IssuedAt);

    [Theory]
    [InlineData("sub")]
    [InlineData(ClaimTypes.NameIdentifier)]
    public void The_subject_is_the_claim_sub_by_either_name(string type) => Assert.Equal("alice", Of([(type, "alice")], null).Subject);

    private static string Seconds(int fromNow) => $"{Now.AddSeconds(fromNow).ToUnixTimeSeconds()}";

    private static StreamCredential Of((string Type, string Value)[] claims, int? expires)
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity(claims.Select(claim => new Claim(claim.Type, claim.Value)), "test"));
        var context = new DefaultHttpContext { User = user };
        var properties = new AuthenticationProperties { ExpiresUtc = expires is { } seconds ? Now.AddSeconds(seconds) : null };
        var feature = new Feature { AuthenticateResult = AuthenticateResult.Success(new AuthenticationTicket(user, properties, "test")) };
        context.Features.Set<IAuthenticateResultFeature>(feature);
        return StreamCredential.Of(context, Now);
    }

    private sealed class Feature : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; }
    }
}
