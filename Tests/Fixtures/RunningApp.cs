using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Fixtures;

/// <summary>
/// The whole app, as the AppHost describes it, with ports, a Redis and folders of its own. A replica that was killed stays away until the
/// test starts it.
/// </summary>
public sealed class RunningApp : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder;
    private readonly IDistributedApplicationTestingBuilder _builder;

    private RunningApp(DistributedApplication app, IDistributedApplicationTestingBuilder builder, TemporaryFolder folder) =>
        (App, _builder, _folder) = (app, builder, folder);

    /// <summary>The app.</summary>
    public DistributedApplication App { get; }

    /// <summary>Starts the app and waits until all replicas of all resources are healthy.</summary>
    /// <param name="args">Further arguments of the AppHost.</param>
    public static Task<RunningApp> StartAsync(params string[] args) => StartAsync(realtimeSpeed: 1, args);

    /// <inheritdoc cref="StartAsync(string[])"/>
    /// <param name="realtimeSpeed">How fast jobs of pace <c>realtime</c> go.</param>
    /// <param name="args">Further arguments of the AppHost.</param>
    public static async Task<RunningApp> StartAsync(double realtimeSpeed, params string[] args)
    {
        var folder = new TemporaryFolder();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([
            $"--App:Folder={folder.Path}",
            "--App:RestartDelay=1.00:00:00",
            .. Chosen(args),
            .. args,
        ]);
        // Resources that wait or were killed fail their checks, which tests see for themselves.
        builder.Services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        foreach (var worker in builder.Resources.OfType<ProjectResource>().Where(project => project.Name == "worker"))
            builder
                .CreateResourceBuilder(worker)
                .WithEnvironment("Worker__RealtimeSpeed", realtimeSpeed.ToString(CultureInfo.InvariantCulture));
        var running = new RunningApp(await builder.BuildAsync(), builder, folder);
        try
        {
            await running.App.StartAsync();
            await running.WaitForAllAsync();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every replica of every resource answers.</summary>
    public async Task WaitForAllAsync()
    {
        await App.ResourceNotifications.WaitForResourceHealthyAsync("redis").WaitAsync(StartLimit);
        foreach (var (service, replicas) in new[] { ("api", 3), ("worker", 2), ("web", 1) })
            await WaitForReplicasAsync(service, replicas);
    }

    /// <summary>Waits until so many replicas of a service run and answer, and returns them.</summary>
    public async Task<IReadOnlyList<RunningReplica>> WaitForReplicasAsync(string service, int count)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var running = new Dictionary<string, RunningReplica>();
        var last = new Dictionary<string, string>();
        try
        {
            await foreach (var change in App.ResourceNotifications.WatchAsync(limit.Token))
            {
                if (change.Resource.Name != service)
                    continue;
                last[change.ResourceId] = change.Snapshot.State?.Text ?? "unknown";
                running.Remove(change.ResourceId);
                if (change.Snapshot.State?.Text == KnownResourceStates.Running && RunningReplica.From(change) is { } replica)
                    running[change.ResourceId] = replica;
                if (running.Count < count)
                    continue;
                // Health is the resource's, as one of its replicas has it. Each is asked here.
                await Task.WhenAll(running.Values.Select(one => one.WaitUntilReadyAsync(limit.Token)));
                return [.. running.Values];
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Reported below with what was seen.
        }
        throw new TimeoutException(
            $"Not {count} replicas of '{service}' answer: {string.Join("; ", last.Select(p => $"{p.Key}: {p.Value}"))}"
        );
    }

    /// <summary>Kills a replica as <c>kill -9</c> does and waits until the app knows.</summary>
    public async Task KillAsync(RunningReplica replica)
    {
        Process.GetProcessById(replica.ProcessId).Kill();
        await WaitForEndAsync(replica.Id);
    }

    /// <summary>Waits until the app knows that a replica has ended.</summary>
    public Task WaitForEndAsync(string replicaId) => Eventually.HoldsAsync(() => HasEnded(replicaId), $"{replicaId} ends");

    /// <summary>Whether the app knows that a replica has ended.</summary>
    public bool HasEnded(string replicaId) => KnownResourceStates.TerminalStates.Contains(StateOf(replicaId)?.State?.Text);

    /// <summary>What the app knows of a replica now.</summary>
    public CustomResourceSnapshot? StateOf(string replicaId) =>
        App.ResourceNotifications.TryGetCurrentState(replicaId, out var state) ? state.Snapshot : null;

    /// <summary>The process of Redis, which the app runs itself under test.</summary>
    public async Task<int> RedisProcessAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        await foreach (var change in App.ResourceNotifications.WatchAsync(limit.Token))
        {
            if (
                change.Resource.Name == "redis"
                && RunningReplica.ProcessOf(change.Snapshot) is { } process
                && Process.GetProcesses().Any(p => p.Id == process)
            )
                return process;
        }
        throw new InvalidOperationException("The app has ended.");
    }

    /// <summary>Gives a command, such as <see cref="KnownResourceCommands.StartCommand"/>, to a replica or to a resource that has only
    /// one.</summary>
    public async Task CommandAsync(string resourceId, string command, params (string Name, string Value)[] arguments)
    {
        var result = await TryCommandAsync(resourceId, command, arguments);
        Assert.True(result.Success, result.Message);
    }

    /// <summary>As <see cref="CommandAsync"/>, but tells how it went.</summary>
    public Task<ExecuteCommandResult> TryCommandAsync(string resourceId, string command, params (string Name, string Value)[] arguments) =>
        App.ResourceCommands.ExecuteCommandAsync(
            resourceId,
            command,
            new InteractionInputCollection([
                .. arguments.Select(argument => new InteractionInput
                {
                    Name = argument.Name,
                    InputType = InputType.Text,
                    Value = argument.Value,
                }),
            ])
        );

    /// <summary>A client that opens a new connection for each request, so that the replicas share its requests.</summary>
    public HttpClient CreateSpreadingClient(string resource) =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = App.GetEndpoint(resource) };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _builder.DisposeAsync();
        _folder.Dispose();
    }

    // A container, where this machine can run one, would take longer to start and prove nothing more.
    private static string[] Chosen(string[] args) =>
        args.Any(arg => arg.StartsWith("--Redis:Server", StringComparison.Ordinal)) ? [] : ["--Redis:Server=process"];
}

/// <summary>A replica of a running app.</summary>
/// <param name="Id">Its name, such as <c>api-abcdefgh</c>.</param>
/// <param name="ProcessId">The service's own process.</param>
/// <param name="Address">Where it listens itself, behind the proxy.</param>
public sealed record RunningReplica(string Id, int ProcessId, Uri Address)
{
    /// <summary>The part of the name that the replica itself goes by, for example in the header X-Replica.</summary>
    public string Suffix => Id[(Id.LastIndexOf('-') + 1)..];

    /// <summary>Waits until the replica itself says that it is ready.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Address };
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.GetAsync("/health", cancellationToken);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                    return false;
                }
            },
            $"{Id} is ready"
        );
    }

    /// <summary>Null as long as the orchestrator does not know its process and address.</summary>
    internal static RunningReplica? From(ResourceEvent change)
    {
        var address = change.Snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == "ASPNETCORE_URLS")?.Value;
        return ProcessOf(change.Snapshot) is not { } process || address is null
            ? null
            : new(change.ResourceId, process, new Uri(address.Split(';')[0]));
    }

    internal static int? ProcessOf(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value is { } id
            ? Convert.ToInt32(id, CultureInfo.InvariantCulture)
            : null;
}
