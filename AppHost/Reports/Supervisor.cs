using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AppHost.Reports;

/// <summary>
/// Does what the orchestrator leaves to the platform where the app is deployed: a process that ended by itself, killed or crashed, is
/// reported in a sentence and started again after a while. One that was stopped by a command stays stopped.
/// </summary>
internal sealed partial class Supervisor(
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    ResourceLoggerService logs,
    IConfiguration configuration,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<Supervisor> logger
) : BackgroundService
{
    /// <summary>
    /// Of the configuration: how long a replica is away before it is started again. The default is long enough to watch its clients resume
    /// elsewhere.
    /// </summary>
    public const string DelayKey = "App:RestartDelay";

    /// <summary>One that ends again and again is given up after so many starts in a row that did not last.</summary>
    private const int MaxStarts = 3;

    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _delay = configuration.GetValue<TimeSpan?>(DelayKey) ?? TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, (string? State, DateTimeOffset Began, int Starts)> _seen = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            var state = change.Snapshot.State?.Text;
            var before = _seen.GetOrAdd(change.ResourceId, static _ => default);
            if (change.Resource is not (ProjectResource or ExecutableResource or ContainerResource) || state == before.State)
                continue;
            var now = time.GetUtcNow();
            _seen[change.ResourceId] = before with { State = state, Began = state == KnownResourceStates.Running ? now : before.Began };
            if (state == KnownResourceStates.FailedToStart)
                Report(change, "could not be started");
            else if (
                KnownResourceStates.TerminalStates.Contains(state)
                && before.State == KnownResourceStates.Running
                && !lifetime.ApplicationStopping.IsCancellationRequested
            )
                OnEnded(change, now - before.Began >= Lasting ? 0 : before.Starts, stoppingToken);
        }
    }

    private void OnEnded(ResourceEvent change, int starts, CancellationToken stopping)
    {
        // The orchestrator gives no code where a signal ended the process: a kill -9 looks like a program that aborts at an unhandled
        // exception.
        var how = change.Snapshot.ExitCode is { } code and >= 0
            ? $"has ended by itself with exit code {code}"
            : "has been killed, or has crashed";
        if (starts >= MaxStarts)
        {
            Report(change, how + $", {MaxStarts + 1} times in a row; start it from the dashboard when the cause is found");
            return;
        }
        Report(change, how + $"; it is started again in {_delay.TotalSeconds:0} s");
        _seen[change.ResourceId] = _seen[change.ResourceId] with { Starts = starts + 1 };
        _ = StartAgainAsync(change.ResourceId, stopping);
    }

    private async Task StartAgainAsync(string id, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(_delay, time, stopping);
            // Somebody may have started it meanwhile.
            if (_seen[id].State is not { } state || !KnownResourceStates.TerminalStates.Contains(state))
                return;
            var started = await commands.ExecuteCommandAsync(id, KnownResourceCommands.StartCommand, stopping);
            if (!started.Success && !started.Canceled)
                LogNotStarted(id, started.Message ?? "");
        }
        catch (OperationCanceledException)
        {
            // The app ends.
        }
    }

    // Beside the watching, which must not wait for a log.
    private void Report(ResourceEvent change, string what) => _ = ReportAsync(change.ResourceId, what);

    private async Task ReportAsync(string id, string what) => LogReport(id, what, await LastLinesAsync(id));

    /// <summary>The last lines of the resource's log; not the frames of a stack, which would leave no room for its message.</summary>
    private async Task<string> LastLinesAsync(string id)
    {
        const int Lines = 8;
        var log = new List<string>();
        try
        {
            await foreach (var page in logs.GetAllAsync(id))
                log.AddRange(page.Select(line => Colours.Replace(line.Content, "")));
        }
        catch (Exception e)
        {
            // Of whatever kind: the orchestrator throws away the log of a replica that somebody starts again at this moment, and the
            // sentence is worth more than its lines.
            return $" Its log cannot be read: {e.Message}";
        }
        // The pages of a stream are in order, but its streams come one after the other. Each line begins with its time, which only sorts
        // them here.
        var last = log.Select(line => line.Split(' ', 2))
            .OrderBy(line => line[0], StringComparer.Ordinal)
            .Select(line => line[^1])
            .Where(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal))
            .TakeLast(Lines);
        return string.Concat(last.Select(line => Environment.NewLine + "    " + line));
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colours { get; }

    [LoggerMessage(LogLevel.Error, "{Resource} {What}.{Log}")]
    private partial void LogReport(string resource, string what, string log);

    [LoggerMessage(LogLevel.Error, "{Resource} could not be started again. {Reason}")]
    private partial void LogNotStarted(string resource, string reason);
}
