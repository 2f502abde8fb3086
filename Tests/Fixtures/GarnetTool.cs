using System.Diagnostics;
using System.Text.Json;

namespace Tests.Fixtures;

/// <summary>Finds the Garnet server that the repository's tool manifest names, and restores it where it is not there yet.</summary>
internal static class GarnetTool
{
    private static readonly Lazy<Task<string?>> Found = new(FindOrRestoreAsync);

    /// <summary>The path of <c>GarnetServer.dll</c>, or null where it could not be restored.</summary>
    public static Task<string?> FindAsync() => Found.Value;

    private static async Task<string?> FindOrRestoreAsync()
    {
        if (Find() is { } path)
            return path;
        using var restore = Process.Start(
            new ProcessStartInfo("dotnet", ["tool", "restore"])
            {
                WorkingDirectory = RepositoryFolder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await Task.WhenAll(
            restore.StandardOutput.ReadToEndAsync(limit.Token),
            restore.StandardError.ReadToEndAsync(limit.Token),
            restore.WaitForExitAsync(limit.Token)
        );
        return Find();
    }

    private static string? Find()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryFolder.Path, ".config", "dotnet-tools.json")));
        var version = manifest.RootElement.GetProperty("tools").GetProperty("garnet-server").GetProperty("version").GetString()!;
        // A restore is content with a tool that any folder of this user holds already, so the default one counts even where another is set.
        string?[] folders =
        [
            Environment.GetEnvironmentVariable("NUGET_PACKAGES"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        ];
        return folders
            .Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => Path.Combine(folder!, "garnet-server", version, "tools", "net10.0", "any", "GarnetServer.dll"))
            .FirstOrDefault(File.Exists);
    }
}
