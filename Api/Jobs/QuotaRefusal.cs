using Api.Problems;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>Answers 429 where an owner has reached a quota, whichever call it is that would go beyond it.</summary>
internal static class QuotaRefusal
{
    public static RouteGroupBuilder RefusesBeyondQuotas(this RouteGroupBuilder group) =>
        group.AddEndpointFilter(
            async (context, next) =>
            {
                try
                {
                    return await next(context);
                }
                catch (JobQuotaException quota)
                {
                    throw new ApiException(StatusCodes.Status429TooManyRequests, quota.Message);
                }
            }
        );
}
