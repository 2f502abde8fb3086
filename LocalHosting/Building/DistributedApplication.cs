using Aspire.Hosting.ApplicationModel;
using LocalHosting.Orchestration;
using LocalHosting.Terminal;
using LocalHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An app that was described by an AppHost.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly EntryPointInterception? _interception;
    private readonly Lazy<Task> _started;
    private readonly Lazy<Task> _stopped;
    private int _disposed;

    /// <summary>Wraps a host whose services were made by <see cref="DistributedApplicationBuilder"/>.</summary>
    public DistributedApplication(IHost host)
        : this(host, null)
    {
    }

    internal DistributedApplication(IHost host, EntryPointInterception? interception)
    {
        _host = host;
        _interception = interception;
        _started = new(() => _host.StartAsync(StartToken));
        _stopped = new(() => _host.StopAsync());
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>What state each replica is in, and a way to wait for states.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Starts, stops and restarts replicas.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    private CancellationToken StartToken { get; set; }

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    /// <summary>Runs the app until it is told to stop. A failure is printed as a sentence and makes the exit code of the process 1.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="Run"/>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_interception is not null)
        {
            // A test drives the app from outside; the entry point only has to stay until the test is done.
            await _interception.HoldEntryPointAsync().ConfigureAwait(false);
            return;
        }

        try
        {
            await StartAsync(cancellationToken).ConfigureAwait(false);
            await WaitForSignalAsync(cancellationToken).ConfigureAwait(false);
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
            if (Services.GetRequiredService<FatalErrors>().First is { } error)
            {
                Failure.Report(error);
            }
        }
        catch (Exception e) when (Failure.Explain(e) is { } sentence)
        {
            Failure.Report(sentence);
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts the app: returns when every endpoint listens and every resource is on its way, not when all are healthy.</summary>
    /// <exception cref="DistributedApplicationException">The app cannot start; the message says why and what to do.</exception>
    public virtual Task StartAsync(CancellationToken cancellationToken = default)
    {
        StartToken = cancellationToken;
        return _started.Value;
    }

    /// <summary>Stops all processes, dependents first, within 10 seconds.</summary>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) =>
        _started.IsValueCreated ? _stopped.Value.WaitAsync(cancellationToken) : Task.CompletedTask;

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await StopAsync().ConfigureAwait(false);
        _interception?.Release();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            _host.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private async Task WaitForSignalAsync(CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => stopping.TrySetResult()).ConfigureAwait(false);
        await using var cancelled = cancellationToken.Register(() => stopping.TrySetResult()).ConfigureAwait(false);
        await stopping.Task.ConfigureAwait(false);
    }

    Task IHost.StartAsync(CancellationToken cancellationToken) => StartAsync(cancellationToken);

    Task IHost.StopAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);
}
