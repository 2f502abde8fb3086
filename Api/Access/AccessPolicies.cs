using Api.Jobs;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Api.Access;

/// <summary>
/// Who may call which endpoint. One that says nothing of its own is for callers who are known: what is added later is closed until somebody opens it.
/// </summary>
internal static class AccessPolicies
{
    /// <summary>Has the right to submit.</summary>
    public const string Submit = "submit";

    /// <summary>Has the right to publish to the topic in the address.</summary>
    public const string Publish = "publish";

    /// <summary>Is known, or the topics in the address are such that everybody may follow who knows their names.</summary>
    public const string Follow = "follow";

    public static void AddTo(AuthorizationBuilder authorization) => authorization
        .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
        .AddPolicy(Submit, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Right.Has(context.User, Right.Submit)))
        .AddPolicy(Publish, policy => policy.RequireAuthenticatedUser()
            .RequireAssertion(context => Right.MayPublish(context.User, TopicOf(context))))
        .AddPolicy(Follow, policy => policy.RequireAssertion(context =>
            context.User.Identity?.IsAuthenticated == true
            || (TopicsOf(context) is { Length: > 0 } topics && topics.All(topic => IsPublic((HttpContext)context.Resource!, topic)))));

    private static bool IsPublic(HttpContext context, string topic) =>
        context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.PublicTopics
            .Prepend(JobLinks.TopicPrefix).Any(prefix => topic.StartsWith(prefix, StringComparison.Ordinal));

    private static string[] TopicsOf(AuthorizationHandlerContext context) =>
        TopicOf(context) is { } topic ? [topic] : [.. ((HttpContext)context.Resource!).Request.Query["topic"].OfType<string>()];

    private static string? TopicOf(AuthorizationHandlerContext context) =>
        (context.Resource as HttpContext)?.GetRouteValue("topic") as string;
}
