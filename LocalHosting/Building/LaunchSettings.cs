using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Hosting;

/// <summary>A project's <c>Properties/launchSettings.json</c>.</summary>
public sealed class LaunchSettings
{
    private static readonly JsonSerializerOptions Json = new()
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        PropertyNameCaseInsensitive = true,
    };

    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];

    /// <summary>Reads the settings of a project; null when it has none.</summary>
    /// <exception cref="DistributedApplicationException">The file is not what a launch settings file must be.</exception>
    internal static LaunchSettings? Read(string projectPath)
    {
        var folder = Directory.Exists(projectPath) ? projectPath : Path.GetDirectoryName(projectPath)!;
        var file = Path.Combine(folder, "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllBytes(file), Json);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"Cannot read the launch settings {file}: {e.Message}", e);
        }
    }

    /// <summary>The profile to use: the one asked for, else the one that the AppHost itself was started with, else the first that runs the project.</summary>
    /// <exception cref="DistributedApplicationException">There is no profile of the name asked for.</exception>
    internal (string Name, LaunchProfile Profile)? Choose(string? asked, string? hostProfile, string projectPath)
    {
        if (asked is not null)
        {
            return Profiles.TryGetValue(asked, out var profile)
                ? (asked, profile)
                : throw new DistributedApplicationException(
                    $"{projectPath} has no launch profile '{asked}'; it has {string.Join(", ", Profiles.Keys.Select(k => $"'{k}'"))}.");
        }

        if (hostProfile is not null && Profiles.TryGetValue(hostProfile, out var same))
        {
            return (hostProfile, same);
        }

        return Profiles.Where(p => p.Value.CommandName is "Project").Select(p => ((string, LaunchProfile)?)(p.Key, p.Value)).FirstOrDefault();
    }
}

/// <summary>One way to run a project.</summary>
public sealed class LaunchProfile
{
    [JsonPropertyName("commandName")]
    public string? CommandName { get; set; }

    [JsonPropertyName("commandLineArgs")]
    public string? CommandLineArgs { get; set; }

    [JsonPropertyName("applicationUrl")]
    public string? ApplicationUrl { get; set; }

    [JsonPropertyName("launchBrowser")]
    public bool? LaunchBrowser { get; set; }

    [JsonPropertyName("launchUrl")]
    public string? LaunchUrl { get; set; }

    [JsonPropertyName("environmentVariables")]
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
}
