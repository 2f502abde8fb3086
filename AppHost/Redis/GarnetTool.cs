using System.Diagnostics;
using System.Text.Json;

namespace AppHost.Redis;

/// <summary>Garnet as the repository's .NET tool manifest names it.</summary>
/// <param name="appHost">The folder of the AppHost's project; the manifest is found from there upwards, as <c>dotnet tool</c> does.</param>
internal sealed class GarnetTool(string appHost)
{
    private const string Package = "garnet-server";

    private const string Alternatives =
        "install a Redis server (Debian: apt install redis-server; macOS: brew install redis), or name a running one in "
        + "ConnectionStrings__redis";

    /// <summary>The path of Garnet's assembly, restored from NuGet if need be.</summary>
    /// <param name="say">Told of what takes time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DistributedApplicationException">It cannot be had.</exception>
    public async Task<string> GetAsync(Action<string> say, CancellationToken cancellationToken)
    {
        var version = await VersionAsync(cancellationToken);
        if (Assembly(KnownFolders(), version) is { } present)
            return present;

        say($"No Redis server is installed. Getting {Package} {version} from NuGet (once, about 20 MB) …");
        var (code, output) = await DotnetAsync(["tool", "restore"], cancellationToken);
        if (code != 0)
        {
            throw new DistributedApplicationException(
                $"There is no Redis server, and {Package} {version} could not be restored from NuGet ({LastLine(output)}): {Alternatives}."
            );
        }
        // A NuGet configuration can move the folder; it is asked only now, as asking takes a while.
        (_, output) = await DotnetAsync(["nuget", "locals", "global-packages", "--list", "--force-english-output"], cancellationToken);
        return Assembly([output.Split("global-packages:", 2)[^1].Trim(), .. KnownFolders()], version)
            ?? throw new DistributedApplicationException(
                $"{Package} {version} was restored but has no assembly for .NET {Environment.Version.Major}: {Alternatives}."
            );
    }

    private async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        var manifest = Path.Combine(appHost, "..", ".config", "dotnet-tools.json");
        try
        {
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(manifest, cancellationToken));
            return json.RootElement.GetProperty("tools").GetProperty(Package).GetProperty("version").GetString()!;
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException)
        {
            throw new DistributedApplicationException(
                $"There is no Redis server, and {manifest} does not name {Package}: {Alternatives}.",
                e
            );
        }
    }

    // A restore is content with a tool that any folder of this user holds already, so the default one counts even where another is set.
    private static IEnumerable<string> KnownFolders()
    {
        if (Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder)
            yield return folder;
        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    }

    private static string? Assembly(IEnumerable<string> folders, string version) =>
        folders
            .SelectMany(folder =>
                Enumerable
                    .Range(0, 4)
                    .Select(back =>
                        Path.Combine(
                            folder,
                            Package,
                            version,
                            "tools",
                            $"net{Environment.Version.Major - back}.0",
                            "any",
                            "GarnetServer.dll"
                        )
                    )
            )
            .FirstOrDefault(File.Exists);

    private async Task<(int Code, string Output)> DotnetAsync(string[] args, CancellationToken cancellationToken)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", args)
            {
                WorkingDirectory = appHost,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    private static string LastLine(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no reason given";
}
