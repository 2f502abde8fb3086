using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Terminal;

/// <summary>The rows of the table of resources: one a replica.</summary>
internal static class ResourceTable
{
    public sealed record Row(string Replica, string State, string Address, string Process);

    public static IReadOnlyList<Row> Rows(IEnumerable<ResourceEvent> states)
    {
        var rows = new List<Row>();
        foreach (var resource in states.GroupBy(s => s.Resource))
        {
            var first = true;
            foreach (var state in resource)
            {
                // The replicas share the address in front of them.
                var address = first
                    ? string.Join("  ", state.Snapshot.Urls.Where(u => !u.IsInternal).Select(u => u.DisplayProperties.DisplayName is { Length: > 0 } text ? $"{u.Url} ({text})" : u.Url))
                    : "";
                rows.Add(new(
                    state.ResourceId,
                    state.Snapshot.HealthStatus?.ToString() ?? state.Snapshot.State?.Text ?? "",
                    address,
                    Convert.ToString(state.Snapshot.Properties.FirstOrDefault(p => p.Name == KnownProperties.Pid)?.Value, CultureInfo.InvariantCulture) ?? ""));
                first = false;
            }
        }

        return rows;
    }
}
