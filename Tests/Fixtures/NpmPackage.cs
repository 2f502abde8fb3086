using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace Tests.Fixtures;

/// <summary>A file of a package of the npm registry, fetched by npm itself.</summary>
internal static class NpmPackage
{
    /// <summary>Skips the test where npm is missing or cannot reach its registry.</summary>
    public static async Task<string> ReadAsync(string package, string version, string file)
    {
        if (Requirement.FindProgram("npm") is null)
            throw Requirement.Missing("npm is not on the PATH; on Debian: apt-get install npm.");
        using var folder = new TemporaryFolder();
        using var npm = Process.Start(
            new ProcessStartInfo("npm", ["pack", $"{package}@{version}", "--silent"])
            {
                WorkingDirectory = folder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, errors) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        if (npm.ExitCode != 0)
            throw Requirement.Missing($"npm cannot fetch {package}: {await errors}");
        await using var archive = File.OpenRead(folder[(await output).Trim()]);
        await using var reader = new TarReader(new GZipStream(archive, CompressionMode.Decompress));
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            if (entry.Name != "package/" + file)
                continue;
            using var text = new StreamReader(entry.DataStream!);
            return await text.ReadToEndAsync();
        }
        throw new FileNotFoundException($"{package} {version} has no such file.", file);
    }
}
