using System.Reflection;
using Aspire.Hosting;
using Microsoft.Extensions.Hosting;

namespace LocalHosting.Testing;

/// <summary>
/// Runs an AppHost's entry point on a thread of its own and stops it at the two places where a test takes over: just before the app is
/// built, so that the test can change the app model, and when it is to run, for the test starts and stops it.
/// </summary>
/// <remarks>What builds the app finds its interception by the flow of the call, so that several can go on at once.</remarks>
internal sealed class EntryPointInterception(Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure) : IDisposable
{
    private static readonly AsyncLocal<EntryPointInterception?> Flow = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _building = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _mayBuild = new();

    public static EntryPointInterception? Current => Flow.Value;

    /// <summary>Calls the entry point and returns its builder when it is about to build.</summary>
    public Task<DistributedApplicationBuilder> RunAsync(MethodInfo entryPoint, string[] args)
    {
        var thread = new Thread(() => Run(entryPoint, args)) { IsBackground = true, Name = $"{entryPoint.Module.Assembly.GetName().Name} entry point" };
        thread.Start();
        return _building.Task;
    }

    /// <summary>Makes the call without an entry point, for a builder of the test's own.</summary>
    public T Call<T>(Func<T> call)
    {
        Flow.Value = this;
        try
        {
            return call();
        }
        finally
        {
            Flow.Value = null;
        }
    }

    /// <summary>Lets the entry point build, and returns the app.</summary>
    public Task<DistributedApplication> BuildAsync()
    {
        _mayBuild.Set();
        return _built.Task;
    }

    /// <summary>Lets the entry point return.</summary>
    public void Release()
    {
        _released.TrySetResult();
        _mayBuild.Set();
    }

    public void Dispose() => _mayBuild.Dispose();

    internal void OnConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings) => configure(options, settings);

    internal void OnBuilding(DistributedApplicationBuilder builder)
    {
        if (_building.TrySetResult(builder))
        {
            _mayBuild.Wait();
        }

        if (_released.Task.IsCompleted)
        {
            throw new OperationCanceledException("The test has disposed the app before it was built.");
        }
    }

    internal void OnBuilt(DistributedApplication app) => _built.TrySetResult(app);

    internal Task HoldEntryPointAsync() => _released.Task;

    private void Run(MethodInfo entryPoint, string[] args)
    {
        Flow.Value = this;
        try
        {
            entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? [] : [args]);
            Fail(new InvalidOperationException($"The entry point of {entryPoint.Module.Assembly.GetName().Name} returned without building an app."));
        }
        catch (TargetInvocationException e)
        {
            Fail(e.InnerException ?? e);
        }
    }

    private void Fail(Exception exception)
    {
        _building.TrySetException(exception);
        _built.TrySetException(exception);
    }
}
