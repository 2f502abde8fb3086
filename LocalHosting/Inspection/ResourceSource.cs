using System.Globalization;
using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Dashboard;
using Dashboard.Resources;
using LocalHosting.Orchestration;
using Microsoft.Extensions.Hosting;

namespace LocalHosting.Inspection;

/// <summary>The app as the dashboard sees it.</summary>
internal sealed class ResourceSource(
    IResourceCollection resources, ResourceNotificationService notifications, ResourceLoggerService logs, ResourceCommandService commands)
    : BackgroundService, IResourceSource
{
    /// <inheritdoc/>
    public ChangeSignal Changes { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaState> Replicas =>
    [
        .. notifications.Current()
            .OrderBy(r => resources.IndexOf(r.Resource))
            .ThenBy(r => r.ResourceId, StringComparer.Ordinal)
            .Select(State),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<ConsoleLine> ConsoleLines(string replicaId) => [.. logs.Last(replicaId, ResourceLoggerService.Capacity).Select(Line)];

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<ConsoleLine>> WatchConsoleAsync(string replicaId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in logs.WatchAsync(replicaId).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return [.. batch.Select(Line)];
        }
    }

    /// <inheritdoc/>
    public async Task<string?> ExecuteAsync(string replicaId, string command, CancellationToken cancellationToken)
    {
        var result = await commands.ExecuteCommandAsync(replicaId, command, cancellationToken).ConfigureAwait(false);
        return result.Success ? null : result.Message ?? $"'{replicaId}' did not carry out '{command}'.";
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in notifications.WatchAsync(stoppingToken).ConfigureAwait(false))
            {
                Changes.Raise();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The normal end.
        }
    }

    private static ConsoleLine Line(LogLine line) => new(line.LineNumber, line.At, line.Content, line.IsErrorMessage);

    private static ReplicaState State(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        return new()
        {
            Id = change.ResourceId,
            Resource = change.Resource.Name,
            Type = snapshot.ResourceType,
            State = snapshot.State?.Text,
            Health = snapshot.HealthStatus,
            ExitCode = snapshot.ExitCode,
            ProcessId = ProcessId(snapshot),
            CreatedAt = snapshot.CreationTimeStamp,
            StartedAt = snapshot.StartTimeStamp,
            StoppedAt = snapshot.StopTimeStamp,
            Commands = Commands(snapshot),
            Urls = [.. snapshot.Urls.OrderBy(u => u.DisplayProperties.SortOrder).Select(u => new ReplicaUrl(u.Name, u.Url, u.DisplayProperties.DisplayName, u.IsInternal, !u.IsInactive))],
            Properties = [.. snapshot.Properties.Select(p => new NamedValue(p.Name, Text(p.Value), p.IsSensitive))],
            Environment = [.. snapshot.EnvironmentVariables.Select(v => new NamedValue(v.Name, v.Value, SecretNames.Contains(v.Name)))],
            References = [.. snapshot.Relationships.Select(r => new ResourceReference(r.ResourceName, r.Type))],
            HealthResults = [.. snapshot.HealthReports.Select(h => new HealthResult(h.Name, h.Status, h.Description, h.ExceptionText, h.LastRunAt))],
        };
    }

    // A process that has ended keeps its id in the snapshot, and the system may give it to another.
    private static int? ProcessId(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Stopping)
            ? snapshot.Properties.FirstOrDefault(p => p.Name == KnownProperties.Pid)?.Value as int?
            : null;

    private static IReadOnlyList<string> Commands(CustomResourceSnapshot snapshot)
    {
        if (ProcessId(snapshot) is not null)
        {
            return snapshot.State?.Text == KnownResourceStates.Running
                ? [KnownResourceCommands.StopCommand, KnownResourceCommands.RestartCommand, ReplicaCommands.Kill]
                : [ReplicaCommands.Kill];
        }

        var canStart = ResourceNotificationService.IsOver(snapshot)
            || snapshot.State?.Text == KnownResourceStates.NotStarted
            || snapshot.State?.Text == KnownResourceStates.Waiting;
        return canStart ? [KnownResourceCommands.StartCommand] : [];
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        IEnumerable<string> several => string.Join(' ', several),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
