using System.Globalization;
using k8s;
using k8s.Models;
using Tests.Fixtures;

namespace Tests.Unit;

/// <summary>The manifests of <c>deploy/k8s</c>: each field is one that Kubernetes knows, and what they name of each other is
/// there.</summary>
public sealed class KubernetesManifestTests
{
    private static readonly IReadOnlyList<IKubernetesObject<V1ObjectMeta>> All =
    [
        .. Directory
            .GetFiles(Path.Combine(RepositoryFolder.Path, "deploy", "k8s"), "*.yaml")
            .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true))
            .Cast<IKubernetesObject<V1ObjectMeta>>(),
    ];

    private static readonly IReadOnlyDictionary<string, V1PodTemplateSpec> Pods = All.OfType<V1Deployment>()
        .Select(deployment => (deployment.Metadata.Name, deployment.Spec.Selector, deployment.Spec.Template))
        .Concat(All.OfType<V1StatefulSet>().Select(set => (set.Metadata.Name, set.Spec.Selector, set.Spec.Template)))
        .ToDictionary(
            workload => workload.Name,
            workload =>
            {
                Assert.Equal(workload.Selector.MatchLabels, workload.Template.Metadata.Labels);
                return workload.Template;
            }
        );

    [Fact]
    public void What_selects_pods_selects_some()
    {
        Assert.Equal(["api", "redis", "web", "worker"], Pods.Keys.Order());
        var selectors = All.OfType<V1Service>()
            .Select(service => service.Spec.Selector)
            .Concat(All.OfType<V1PodDisruptionBudget>().Select(budget => budget.Spec.Selector.MatchLabels))
            .Concat(All.OfType<V1NetworkPolicy>().Select(policy => policy.Spec.PodSelector.MatchLabels))
            .ToList();
        Assert.True(selectors.Count >= 8);
        Assert.All(selectors, selector => Assert.Single(Pods.Values, pod => selector.All(pod.Metadata.Labels.Contains)));
        var scaled = Assert.Single(All.OfType<V2HorizontalPodAutoscaler>());
        Assert.Contains(scaled.Spec.ScaleTargetRef.Name, Pods.Keys);
        Assert.Equal("eventstreams_streams_open", Assert.Single(scaled.Spec.Metrics).Pods.Metric.Name);
    }

    [Fact]
    public void Secrets_and_claims_that_are_named_are_there()
    {
        var secrets = All.OfType<V1Secret>().ToDictionary(secret => secret.Metadata.Name, secret => secret.StringData.Keys);
        var claims = All.OfType<V1PersistentVolumeClaim>().Select(claim => claim.Metadata.Name).ToHashSet();
        foreach (var pod in Pods.Values.Select(pod => pod.Spec))
        {
            var named = pod
                .Containers.SelectMany(container => container.Env)
                .Select(variable => variable.ValueFrom?.SecretKeyRef)
                .OfType<V1SecretKeySelector>();
            Assert.All(named, reference => Assert.Contains(reference.Key, secrets[reference.Name]));
            var mounted = (pod.Volumes ?? []).Select(volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>();
            Assert.All(mounted, claim => Assert.Contains(claim, claims));
        }
        // What api and workers share is mounted on several nodes.
        var media = Assert.Single(All.OfType<V1PersistentVolumeClaim>());
        Assert.Equal(["ReadWriteMany"], media.Spec.AccessModes);
        Assert.Equal(
            ["api", "worker"],
            Pods.Where(pod => pod.Value.Spec.Volumes?.Any(v => v.PersistentVolumeClaim?.ClaimName == media.Metadata.Name) == true)
                .Select(pod => pod.Key)
                .Order()
        );
        // No secret stands in a manifest.
        Assert.All(All.OfType<V1Secret>().SelectMany(secret => secret.StringData.Values), value => Assert.Equal("", value));
    }

    [Fact]
    public void Services_are_probed_run_without_rights_and_have_the_time_that_a_drain_takes()
    {
        foreach (var (name, pod) in Pods)
        {
            Assert.True(pod.Spec.SecurityContext.RunAsNonRoot);
            if (name == "redis")
            {
                Assert.Equal(["--appendonly", "yes"], Assert.Single(pod.Spec.Containers).Args.SkipWhile(a => a != "--appendonly").Take(2));
                continue;
            }
            var container = Assert.Single(pod.Spec.Containers);
            Assert.Equal(("/health", "/alive"), (container.ReadinessProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path));
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            var drain = container.Env.FirstOrDefault(variable => variable.Name == "EventStreams__DrainTime")?.Value ?? "00:00:00";
            var needed =
                TimeSpan.Parse(drain, CultureInfo.InvariantCulture).TotalSeconds + (container.Lifecycle?.PreStop.Sleep.Seconds ?? 0);
            Assert.True(pod.Spec.TerminationGracePeriodSeconds >= needed + 10, $"{name} needs {needed} s and the end of the host");
        }
    }
}
