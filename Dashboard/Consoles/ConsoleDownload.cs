using System.Globalization;
using System.Net.Mime;
using System.Text;
using Dashboard.Resources;

namespace Dashboard.Consoles;

/// <summary>The printed lines as a file.</summary>
internal static class ConsoleDownload
{
    public const string Path = "/console/lines.txt";

    public static void MapConsoleDownload(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(Path, (string? resource, IResourceSource source) =>
    {
        var replicas = source.Matching(resource);
        if (replicas.Count == 0)
        {
            return Results.Problem($"There is no resource '{resource}'. Leave the parameter out for the lines of all.", statusCode: StatusCodes.Status404NotFound);
        }

        var text = new StringBuilder();
        var lines = replicas.SelectMany(r => source.ConsoleLines(r.Id).Select(line => (r.Id, Line: line))).OrderBy(l => l.Line.At);
        foreach (var (id, line) in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line.At.ToLocalTime():yyyy-MM-dd HH:mm:ss.fff} ").Append(id).Append(line.IsError ? " ! " : " | ").AppendLine(AnsiText.Plain(line.Text));
        }

        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), MediaTypeNames.Text.Plain, $"{resource ?? "all"}.txt");
    });

    /// <summary>The replicas that a filter means: null all, a resource's name all of its replicas, an id one.</summary>
    public static IReadOnlyList<ReplicaState> Matching(this IResourceSource source, string? filter) =>
    [
        .. source.Replicas.Where(r => string.IsNullOrEmpty(filter)
            || string.Equals(r.Resource, filter, StringComparison.OrdinalIgnoreCase)
            || string.Equals(r.Id, filter, StringComparison.OrdinalIgnoreCase)),
    ];
}
