using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Orchestration;

/// <summary>The order in which resources are stopped.</summary>
internal static class ShutdownOrder
{
    /// <summary>
    /// Stages of resources that can be stopped at once: one that refers to another, or waits for it, is in an earlier stage than the other.
    /// What refers to itself in a circle is in one stage.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> Stages(IEnumerable<IResource> resources)
    {
        var stages = new List<IReadOnlyList<IResource>>();
        var left = resources.ToList();
        while (left.Count > 0)
        {
            var needed = left.SelectMany(r => Needs(r).Where(n => !ReferenceEquals(n, r))).ToHashSet();
            var stage = left.Where(r => !needed.Contains(r)).ToList();
            if (stage.Count == 0)
            {
                stage = [.. left];
            }

            stages.Add(stage);
            left = [.. left.Except(stage)];
        }

        return stages;
    }

    private static IEnumerable<IResource> Needs(IResource resource) => resource.Annotations.OfType<ResourceRelationshipAnnotation>()
        .Where(r => r.Type is "Reference" or "WaitFor").Select(r => r.Resource);
}
