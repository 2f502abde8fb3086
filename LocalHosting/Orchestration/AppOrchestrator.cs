using System.Collections.Immutable;
using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Proxy;
using Microsoft.Extensions.Hosting;

namespace LocalHosting.Orchestration;

/// <summary>Brings the app up and down.</summary>
internal sealed class AppOrchestrator(
    IResourceCollection resources,
    DistributedApplicationExecutionContext context,
    EndpointAllocator endpoints,
    ProxySet proxies,
    ReplicaParts parts,
    ReplicaSet replicas) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _begun = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (context.IsPublishMode)
        {
            throw new DistributedApplicationException(
                "This AppHost was built without the Aspire packages and can only run the app: build it with -p:AspireHosting=Aspire to publish.");
        }

        var problems = resources.SelectMany(r => r.Annotations.OfType<ProblemAnnotation>()).Select(p => p.Message).ToList();
        if (problems.Count > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, problems));
        }

        foreach (var resource in resources)
        {
            endpoints.Allocate(resource);
        }

        replicas.Set([.. resources.Where(RunsHere).SelectMany(Replicas)]);
        foreach (var resource in resources.Where(r => !RunsHere(r)))
        {
            await BeginWithoutProcessAsync(resource).ConfigureAwait(false);
        }

        _begun = Task.WhenAll([.. replicas.Where(r => !StartsByHand(r.Resource)).Select(r => Task.Run(() => r.BeginAsync(_stop.Token), CancellationToken.None))]);
    }

    /// <summary>Stops dependents before what they depend on, each stage at once, all within <see cref="ShutdownBudget.Limit"/>.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _begun.ConfigureAwait(false);
        var stages = ShutdownOrder.Stages(resources);
        for (var i = 0; i < stages.Count; i++)
        {
            var limit = ShutdownBudget.ForStage(ShutdownBudget.Limit - watch.Elapsed, stages.Count - i - 1);
            await Task.WhenAll(stages[i].SelectMany(replicas.Of).Select(r => r.StopAsync(limit, CancellationToken.None))).ConfigureAwait(false);
        }

        await proxies.DisposeAsync().ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private static bool StartsByHand(IResource resource) => resource.Annotations.OfType<ExplicitStartupAnnotation>().Any();

    private bool RunsHere(IResource resource) => parts.Planners.Any(p => p.Handles(resource));

    private List<Replica> Replicas(IResource resource)
    {
        var list = Enumerable.Range(0, EndpointAllocator.Replicas(resource))
            .Select(_ => new Replica(parts, resource, ResourceNames.NewSuffix(), EndpointAllocator.PortsOfReplica(resource)))
            .ToList();
        resource.Annotations.Add(new ReplicaIdsAnnotation([.. list.Select(r => r.Id)]));
        foreach (var replica in list)
        {
            _ = parts.Notifications.PublishUpdateAsync(resource, replica.Id, s => First(resource, s) with { State = KnownResourceStates.NotStarted });
        }

        return list;
    }

    private async Task BeginWithoutProcessAsync(IResource resource)
    {
        var source = resource is RedisResource ? new ResourcePropertySnapshot(KnownProperties.Source, $"ConnectionStrings:{resource.Name}") : null;
        await parts.Notifications.PublishUpdateAsync(resource, resource.Name, s =>
        {
            var snapshot = First(resource, s) with { State = KnownResourceStates.Running, HealthReports = HealthMonitor.Unknown(resource) };
            return source is null ? snapshot : snapshot.WithProperties(source);
        }).ConfigureAwait(false);
        _ = parts.Health.WatchAsync(resource, resource.Name, ImmutableDictionary<string, int>.Empty, _ => { }, _stop.Token);
    }

    private CustomResourceSnapshot First(IResource resource, CustomResourceSnapshot snapshot)
    {
        var relationships = resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(r => new RelationshipSnapshot(r.Resource.Name, r.Type)).Distinct();
        snapshot = snapshot with { CreationTimeStamp = parts.Time.GetUtcNow().UtcDateTime, Relationships = [.. relationships] };
        if (resource.Annotations.OfType<IProjectMetadata>().LastOrDefault() is { } project)
        {
            snapshot = snapshot.WithProperties(
                new ResourcePropertySnapshot(KnownProperties.ProjectPath, project.ProjectPath),
                new ResourcePropertySnapshot(KnownProperties.LaunchProfile, resource.Annotations.OfType<LaunchProfileAnnotation>().LastOrDefault()?.LaunchProfileName));
        }

        return snapshot;
    }
}
