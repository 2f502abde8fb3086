using Dashboard.Resources;

namespace Dashboard.Components.Parts;

/// <summary>Where the resources stand in the picture: whoever needs others stands above them, so that all arrows lead down.</summary>
internal sealed class GraphLayout
{
    public const int Column = 230;
    public const int Row = 170;
    public const int NodeWidth = 180;
    public const int NodeHeight = 86;

    public GraphLayout(IReadOnlyList<ReplicaState> replicas)
    {
        var groups = replicas.GroupBy(r => r.Resource).ToList();
        var needs = groups.ToDictionary(
            g => g.Key,
            g => g.SelectMany(r => r.References).Select(r => r.Resource).Where(r => r != g.Key && groups.Exists(o => o.Key == r)).Distinct().ToList());
        var depths = new Dictionary<string, int>();
        var rows = groups.GroupBy(g => Depth(g.Key, needs, depths)).OrderByDescending(row => row.Key).Select(row => row.ToList()).ToList();
        var columns = rows.Count == 0 ? 1 : rows.Max(r => r.Count);
        (Width, Height) = (columns * Column, Math.Max(1, rows.Count) * Row);

        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                // Each row stands in the middle.
                var x = ((columns - rows[row].Count + 1 + (2 * column)) * Column / 2);
                Nodes.Add(new(rows[row][column].Key, x, (row * Row) + (Row / 2), [.. rows[row][column]]));
            }
        }

        foreach (var (from, to) in needs.SelectMany(n => n.Value.Select(to => (Find(n.Key), Find(to)))))
        {
            var kinds = from.Replicas.SelectMany(r => r.References).Where(r => r.Resource == to.Name).Select(r => r.Kind).Distinct();
            Edges.Add(new(from, to, string.Join(", ", kinds)));
        }
    }

    public int Width { get; }

    public int Height { get; }

    public List<GraphNode> Nodes { get; } = [];

    public List<GraphEdge> Edges { get; } = [];

    private GraphNode Find(string name) => Nodes.First(n => n.Name == name);

    private static int Depth(string name, Dictionary<string, List<string>> needs, Dictionary<string, int> depths)
    {
        if (depths.TryGetValue(name, out var known))
        {
            return known;
        }

        // What refers to each other counts as standing on the ground.
        depths[name] = 0;
        return depths[name] = needs[name].Count == 0 ? 0 : 1 + needs[name].Max(n => Depth(n, needs, depths));
    }
}

/// <summary>A resource in the picture; the place is that of its middle.</summary>
internal sealed record GraphNode(string Name, int X, int Y, IReadOnlyList<ReplicaState> Replicas);

/// <summary>That a resource needs another, and how.</summary>
internal sealed record GraphEdge(GraphNode From, GraphNode To, string Kinds);
