using System.Security.Claims;
using Api.Jobs;
using EventStreams;
using Microsoft.Extensions.Options;

namespace Api.Access;

/// <summary>Those may follow a topic who are known; and everybody, where it is one that whoever knows its name may follow.</summary>
internal sealed class TopicFollowers(IOptions<AccessOptions> options) : IStreamAuthorizer
{
    public ValueTask<bool> CanSubscribeAsync(ClaimsPrincipal user, Topic topic, CancellationToken cancellationToken) =>
        ValueTask.FromResult(
            user.Identity is { IsAuthenticated: true }
                || options
                    .Value.PublicTopics.Prepend(JobLinks.TopicPrefix)
                    .Any(prefix => topic.Name.StartsWith(prefix, StringComparison.Ordinal))
        );
}
