using System.Globalization;

namespace AppHost.Faults;

internal static class SnapshotExtensions
{
    /// <summary>The id of the process behind a resource; null for one that has none, such as a container.</summary>
    public static int? ProcessId(this CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } id
            ? Convert.ToInt32(id, CultureInfo.InvariantCulture)
            : null;

    /// <summary>Where a service listens itself, behind the proxy; null when it does not say so.</summary>
    public static Uri? ListenAddress(this CustomResourceSnapshot snapshot) =>
        snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == "ASPNETCORE_URLS")?.Value is { } addresses
            ? new Uri(addresses.Split(';')[0])
            : null;
}
