using Subtitles.Webhooks;

namespace Worker;

/// <summary>Registers what runs jobs.</summary>
internal static class WorkerExtensions
{
    public static WebApplicationBuilder AddWorker(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddOptions<WorkerOptions>()
            .BindConfiguration(WorkerOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        // Handing jobs back takes a moment; what takes longer is left to the expiry of its lease.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(8));
        builder.Services.AddSingleton<WorkerTelemetry>();
        builder.Services.AddSingleton<IMediaLocator, MediaLocator>();
        builder.Services.AddSingleton<JobRunner>();
        builder.Services.AddHostedService<JobPump>();
        builder
            .Services.AddOptions<WebhookOptions>()
            .BindConfiguration(WebhookOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<WebhookOutbox>();
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddHostedService<WebhookPump>();
        builder.Services.AddHostedService<QueueSampler>();
        builder.Services.AddHostedService<AbilityTeller>();
        return builder;
    }
}
