using System.ComponentModel;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Proxy;

namespace LocalHosting.Orchestration;

/// <summary>
/// One process of a resource, from its first start to its last: the states that it goes through, its ports and its id, which outlive
/// restarts. Starts and stops are carried out one after the other.
/// </summary>
internal sealed class Replica(ReplicaParts parts, IResource resource, string suffix, IReadOnlyDictionary<string, int> ports) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _waiting = new();
    private ChildProcess? _process;
    private CancellationTokenSource? _health;
    private bool _stopping;
    private bool _startedByHand;

    public IResource Resource => resource;

    /// <summary>The resource's name and the suffix.</summary>
    public string Id { get; } = $"{resource.Name}-{suffix}";

    public string Suffix => suffix;

    /// <summary>The ports on which this process itself listens, by endpoint.</summary>
    public IReadOnlyDictionary<string, int> Ports => ports;

    /// <summary>Waits for what the resource waits for, then starts. Never throws.</summary>
    public async Task BeginAsync(CancellationToken stop)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop, _waiting.Token);
        try
        {
            await parts.Dependencies.WaitAsync(this, waiting.Token).ConfigureAwait(false);
            if (!_startedByHand)
            {
                await StartAsync(stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (waiting.IsCancellationRequested)
        {
            // The app ends, or somebody would not wait and started it.
        }
        catch (DistributedApplicationException e)
        {
            await FailAsync(e.Message).ConfigureAwait(false);
        }
    }

    public async Task<ExecuteCommandResult> StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_process is not null)
            {
                return CommandResults.Failure($"'{Id}' runs already.");
            }

            _startedByHand = true;
            await _waiting.CancelAsync().ConfigureAwait(false);
            await PublishAsync(s => s with { State = KnownResourceStates.Starting, ExitCode = null, StopTimeStamp = null }).ConfigureAwait(false);
            var plan = await parts.Plan(resource).PlanAsync(this, cancellationToken).ConfigureAwait(false);
            _stopping = false;
            _process = parts.Guard.Start(plan, (line, isError) => parts.Logs.Write(Id, line, isError));
            _health?.Dispose();
            _health = new CancellationTokenSource();
            await PublishRunningAsync(plan, _process.Id).ConfigureAwait(false);
            _ = ObserveAsync(_process, _health);
            return CommandResults.Success();
        }
        catch (Exception e) when (e is DistributedApplicationException or Win32Exception or IOException or UnauthorizedAccessException)
        {
            await FailAsync(e.Message).ConfigureAwait(false);
            parts.Errors.Add(e.Message);
            return CommandResults.Failure(e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes the replica out of its proxies, then ends its process: politely, and by force after the limit.</summary>
    public async Task<ExecuteCommandResult> StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await _waiting.CancelAsync().ConfigureAwait(false);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_process is not { } process)
            {
                return CommandResults.Success();
            }

            _stopping = true;
            SetReady(false);
            await PublishAsync(s => s with { State = KnownResourceStates.Stopping }).ConfigureAwait(false);
            await process.StopAsync(limit).ConfigureAwait(false);
            await EndedAsync(process, await process.Exited.ConfigureAwait(false)).ConfigureAwait(false);
            return CommandResults.Success();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the process at once, as a crash would: nothing is asked of it, and what follows is told as of a process that ended by itself. Done when that has been told.</summary>
    public async Task<ExecuteCommandResult> KillAsync(CancellationToken cancellationToken)
    {
        if (_process is not { } process)
        {
            return CommandResults.Failure($"'{Id}' does not run.");
        }

        // Not behind the gate: who stops a process that takes its time may kill it meanwhile.
        process.Kill();
        var code = await process.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await EndedAsync(process, code).ConfigureAwait(false);
            return CommandResults.Success();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _gate.Dispose();
        _waiting.Dispose();
        _health?.Dispose();
    }

    private async Task ObserveAsync(ChildProcess process, CancellationTokenSource health)
    {
        var checks = parts.Health.WatchAsync(resource, Id, ports, SetReady, health.Token);
        var code = await process.Exited.ConfigureAwait(false);
        await health.CancelAsync().ConfigureAwait(false);
        await checks.ConfigureAwait(false);
        SetReady(false);
        if (_stopping)
        {
            // Who stops it says what became of it.
            return;
        }

        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await EndedAsync(process, code).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task EndedAsync(ChildProcess process, int code)
    {
        if (!ReferenceEquals(_process, process))
        {
            return;
        }

        _process = null;
        await PublishAsync(s => s with
        {
            State = code == 0 && !_stopping ? KnownResourceStates.Finished : KnownResourceStates.Exited,
            ExitCode = code,
            StopTimeStamp = Now,
            HealthReports = HealthMonitor.Unknown(resource),
            Urls = [.. s.Urls.Select(u => u with { IsInactive = true })],
        }).ConfigureAwait(false);
        if (!_stopping && code != 0)
        {
            parts.Crashes.Report(this, code);
        }
    }

    private async Task FailAsync(string message)
    {
        parts.Logs.Write(Id, message, isError: true);
        await PublishAsync(s => s with { State = KnownResourceStates.FailedToStart, StopTimeStamp = Now }).ConfigureAwait(false);
    }

    private DateTime Now => parts.Time.GetUtcNow().UtcDateTime;

    private void SetReady(bool ready) => parts.Proxies.SetReady(resource, Id, ports, ready && !_stopping);

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => parts.Notifications.PublishUpdateAsync(resource, Id, change);

    private async Task PublishRunningAsync(LaunchPlan plan, int pid)
    {
        var urls = await parts.Urls.ForReplicaAsync(this).ConfigureAwait(false);
        await PublishAsync(s => s.WithProperties(
            new(KnownProperties.ExecutablePath, plan.File),
            new(KnownProperties.WorkingDirectory, plan.WorkingDirectory),
            new(KnownProperties.Args, plan.Args) { IsSensitive = true },
            new(KnownProperties.Pid, pid)) with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Now,
            HealthReports = HealthMonitor.Unknown(resource),
            EnvironmentVariables = [.. plan.Environment.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new EnvironmentVariableSnapshot(v.Key, v.Value, true))],
            Urls = urls,
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} ({_process?.Id})");
}
