using Microsoft.AspNetCore.Authorization;

namespace Api.Access;

/// <summary>
/// Who may call which endpoint. One that says nothing of its own is for callers who are known: what is added later is closed until somebody
/// opens it.
/// </summary>
internal static class AccessPolicies
{
    /// <summary>Has the right to submit.</summary>
    public const string Submit = "submit";

    /// <summary>Has the right to publish to the topic in the address.</summary>
    public const string Publish = "publish";

    public static void AddTo(AuthorizationBuilder authorization) =>
        authorization
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(
                Submit,
                policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Right.Has(context.User, Right.Submit))
            )
            .AddPolicy(
                Publish,
                policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Right.MayPublish(context.User, TopicOf(context)))
            );

    private static string? TopicOf(AuthorizationHandlerContext context) =>
        (context.Resource as HttpContext)?.GetRouteValue("topic") as string;
}
