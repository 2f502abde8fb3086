using Microsoft.Extensions.Configuration;

namespace AppHost;

/// <summary>
/// What a run on this machine keeps between starts lies in one folder: <c>App:Folder</c> of the configuration, else <c>.aspiresse</c>
/// beside the solution.
/// </summary>
internal static class AppFolders
{
    /// <summary>A folder of that name, as an absolute path. It need not exist.</summary>
    public static string Folder(this IDistributedApplicationBuilder builder, string name) =>
        Path.GetFullPath(
            Path.Combine(builder.Configuration["App:Folder"] ?? Path.Combine(builder.AppHostDirectory, "..", ".aspiresse"), name),
            builder.AppHostDirectory
        );
}
