using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Redis;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalHosting.Orchestration;

/// <summary>
/// Asks replicas for their health: often while one comes up, and about once a second after that, so that one that drains gets no new
/// connections from then on.
/// </summary>
internal sealed class HealthMonitor(
    ResourceNotificationService notifications, HealthCheckService registered, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    // Not one of the factory's: its checks belong neither into the log nor into traces, and a redirect is an answer.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, ActivityHeadersPropagator = null });

    /// <summary>Checks a replica until cancelled, and says when it becomes ready for connections and when it no longer is.</summary>
    public async Task WatchAsync(
        IResource resource, string id, IReadOnlyDictionary<string, int> ports, Action<bool> onReady, CancellationToken cancellationToken)
    {
        var checks = Checks(resource, ports);
        if (checks.Count == 0)
        {
            onReady(true);
            return;
        }

        try
        {
            bool? last = null;
            while (true)
            {
                var reports = await Task.WhenAll(checks.Select(check => RunAsync(check, cancellationToken))).ConfigureAwait(false);
                var healthy = reports.All(r => r.Status != HealthStatus.Unhealthy);
                if (healthy != last)
                {
                    // Ready first: whoever is told that the replica is healthy may connect at once.
                    onReady(healthy);
                    last = healthy;
                }

                await PublishAsync(resource, id, reports).ConfigureAwait(false);
                await Task.Delay(healthy ? WhileHealthy : WhileStarting, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            onReady(false);
        }
        finally
        {
            foreach (var check in checks.OfType<IDisposable>())
            {
                check.Dispose();
            }
        }
    }

    /// <summary>The reports that a replica has before its first check, so that it does not pass for healthy.</summary>
    public static ImmutableArray<HealthReportSnapshot> Unknown(IResource resource) =>
        [.. Names(resource).Select(name => new HealthReportSnapshot(name, null, null, null))];

    public void Dispose() => _http.Dispose();

    private static IEnumerable<string> Names(IResource resource) =>
        resource.Annotations.OfType<HttpHealthCheckAnnotation>().Select(c => Name(resource, c))
            .Concat(resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => c.Key))
            .Concat(resource is RedisResource ? [RedisPing.NameFor(resource)] : []);

    private static string Name(IResource resource, HttpHealthCheckAnnotation check) => $"{resource.Name}_http_{check.Path}_{check.StatusCode}_check";

    private List<IReplicaCheck> Checks(IResource resource, IReadOnlyDictionary<string, int> ports)
    {
        var checks = new List<IReplicaCheck>();
        foreach (var check in resource.Annotations.OfType<HttpHealthCheckAnnotation>())
        {
            var endpoint = resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(
                e => check.EndpointName is null ? e.UriScheme is "http" or "https" : ResourceNames.Comparer.Equals(e.Name, check.EndpointName));
            checks.Add(new HttpCheck(
                Name(resource, check),
                endpoint is null ? null : new Uri(string.Create(CultureInfo.InvariantCulture, $"{endpoint.UriScheme}://localhost:{ports[endpoint.Name]}{check.Path}")),
                check.StatusCode,
                _http));
        }

        checks.AddRange(resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => new RegisteredCheck(c.Key, registered)));
        if (resource is RedisResource redis)
        {
            checks.Add(new RedisPing(redis));
        }

        return checks;
    }

    private static async Task<HealthReportSnapshot> RunAsync(IReplicaCheck check, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            var (status, description) = await check.RunAsync(limit.Token).ConfigureAwait(false);
            return new(check.Name, status, description, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(check.Name, HealthStatus.Unhealthy, $"No answer within {AnswerLimit.TotalSeconds} s.", null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new(check.Name, HealthStatus.Unhealthy, e.Message, e.ToString());
        }
    }

    private Task PublishAsync(IResource resource, string id, HealthReportSnapshot[] reports) => notifications.PublishUpdateAsync(resource, id, s =>
    {
        // Watchers are told of changes, not of every check.
        var same = s.HealthReports.Length == reports.Length && s.HealthReports.Zip(reports).All(p => p.First.Status == p.Second.Status && p.First.Description == p.Second.Description);
        var now = time.GetUtcNow().UtcDateTime;
        return same ? s : s with { HealthReports = [.. reports.Select(r => r with { LastRunAt = now })] };
    });

    private sealed class HttpCheck(string name, Uri? address, int expected, HttpClient http) : IReplicaCheck
    {
        public string Name => name;

        public async Task<(HealthStatus Status, string? Description)> RunAsync(CancellationToken cancellationToken)
        {
            if (address is null)
            {
                return (HealthStatus.Unhealthy, "The resource has no HTTP endpoint that could be asked.");
            }

            using var answer = await http.GetAsync(address, cancellationToken).ConfigureAwait(false);
            return (int)answer.StatusCode == expected
                ? (HealthStatus.Healthy, null)
                : (HealthStatus.Unhealthy, $"{address} answered {(int)answer.StatusCode} and not {expected}.");
        }
    }

    private sealed class RegisteredCheck(string key, HealthCheckService service) : IReplicaCheck
    {
        public string Name => key;

        public async Task<(HealthStatus Status, string? Description)> RunAsync(CancellationToken cancellationToken)
        {
            var report = await service.CheckHealthAsync(r => r.Name == key, cancellationToken).ConfigureAwait(false);
            return report.Entries.TryGetValue(key, out var entry)
                ? (entry.Status, entry.Description)
                : (HealthStatus.Unhealthy, $"No health check is registered under the name '{key}'.");
        }
    }
}

/// <summary>One health check of one replica. Whatever it throws means unhealthy.</summary>
internal interface IReplicaCheck
{
    string Name { get; }

    Task<(HealthStatus Status, string? Description)> RunAsync(CancellationToken cancellationToken);
}
