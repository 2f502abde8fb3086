using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Web.Fanout;

internal static class FanoutExtensions
{
    /// <summary>Adds what the fan-out page needs. It can break things in Development only.</summary>
    public static void AddFanout(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<FanoutOptions>().BindConfiguration(FanoutOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ViewerLimit>();
        // Made outside the container, which would keep each one until its circuit ends; a page disposes of its own.
        builder.Services.AddSingleton<Func<FanoutSession>>(services => () => ActivatorUtilities.CreateInstance<FanoutSession>(services));
        if (builder.Environment.IsDevelopment())
            builder.Services.AddSingleton<FaultClient>();
    }
}
