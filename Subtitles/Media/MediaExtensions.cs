using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Subtitles.Media.Hls;

namespace Subtitles.Media;

/// <summary>Registers the media store and what belongs to it.</summary>
internal static class MediaExtensions
{
    public static void AddMedia(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<MediaOptions>().BindConfiguration(MediaOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<FolderMediaStore>();
        builder.Services.AddSingleton<IMediaStore>(services => services.GetRequiredService<FolderMediaStore>());
        builder.Services.AddSingleton<LiveMediaStore>();
        builder.Services.AddSingleton<MediaIntake>();
        builder.Services.AddSingleton(new SampleCatalog());
        builder.Services.AddSingleton(services => new SourceAddressGuard(services.GetRequiredService<IOptions<MediaOptions>>()));
        builder.Services.AddSingleton(services => new GuardedClient(
            services.GetRequiredService<SourceAddressGuard>(),
            services.GetRequiredService<IOptions<MediaOptions>>().Value.MaxRedirects
        ));
        builder.Services.AddSingleton<HlsReader>();
        builder.Services.AddSingleton<MediaFetcher>();
        builder.Services.AddHostedService<MediaSweeper>();
    }
}
