using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Subtitles.Media;

namespace Subtitles.Jobs;

/// <summary>Registers what Api and Worker share.</summary>
public static class SubtitleJobsExtensions
{
    /// <summary>
    /// Adds <see cref="IJobQueue"/>, <see cref="JobCommands"/>, <see cref="JobRemoval"/>, <see cref="IMediaStore"/>, <see
    /// cref="SampleCatalog"/> and <see cref="MediaFetcher"/>. Needs
    /// <c>StackExchange.Redis.IConnectionMultiplexer</c> (<c>AddRedisClient</c>) and, for the commands, an event publisher
    /// (<c>AddEventStreams</c>).
    /// </summary>
    public static IHostApplicationBuilder AddSubtitleJobs(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<JobsOptions>().BindConfiguration(JobsOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<IJobQueue, RedisJobQueue>();
        builder.Services.TryAddSingleton<JobCommands>();
        builder.Services.TryAddSingleton<JobRemoval>();
        builder.Services.TryAddSingleton<QueueStatistics>();
        builder.Services.TryAddSingleton<WorkerAbilities>();
        builder.AddMedia();
        return builder;
    }
}
