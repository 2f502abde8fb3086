using System.Globalization;

namespace AppHost.Faults;

internal static class SnapshotExtensions
{
    /// <summary>The id of the process behind a resource; null for one that has none, such as a container.</summary>
    public static int? ProcessId(this CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } id
            ? Convert.ToInt32(id, CultureInfo.InvariantCulture)
            : null;
}
