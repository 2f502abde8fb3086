using Microsoft.Extensions.FileProviders;

namespace Web.Samples;

internal static class SampleMediaExtensions
{
    /// <summary>Serves the samples' media, with ranges so that a player can seek. They lie beside the service's own code, whatever folder
    /// it is started in.</summary>
    public static void UseSampleMedia(this WebApplication app) =>
        app.UseStaticFiles(
            new StaticFileOptions
            {
                FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "Samples")),
                RequestPath = "/samples",
            }
        );
}
