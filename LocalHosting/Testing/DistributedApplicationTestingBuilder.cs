using LocalHosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost in a test: the real entry point, in this process, with ports of its own, a Redis of its own and data that is deleted
/// afterwards, so that several can run side by side.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the AppHost's code up to the point where it builds the app.</summary>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)"/>
    /// <param name="args">The arguments of the AppHost, such as <c>--Media:Path=/tmp/x</c>.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(string[], CancellationToken)"/>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(string[], CancellationToken)"/>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(string[], CancellationToken)"/>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, args, (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(string[], CancellationToken)"/>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        var main = entryPoint.Assembly.EntryPoint
            ?? throw new InvalidOperationException($"{entryPoint.Assembly.GetName().Name} has no entry point, so it is not an AppHost.");
        var interception = new EntryPointInterception((options, settings) =>
        {
            options.AssemblyName ??= entryPoint.Assembly.GetName().Name;
            TestDefaults.Apply(options, settings, args);
            configureBuilder(options, settings);
        });
        try
        {
            var builder = await interception.RunAsync(main, args).WaitAsync(cancellationToken).ConfigureAwait(false);
            return new TestingBuilder(builder, interception, runsEntryPoint: true);
        }
        catch
        {
            interception.Release();
            throw;
        }
    }

    /// <summary>An empty app, for tests that describe their own.</summary>
    public static IDistributedApplicationTestingBuilder Create(params string[] args) => Create(args, (_, _) => { });

    /// <inheritdoc cref="Create(string[])"/>
    public static IDistributedApplicationTestingBuilder Create(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        var interception = new EntryPointInterception((options, settings) =>
        {
            TestDefaults.Apply(options, settings, args);
            configureBuilder(options, settings);
        });
        return new TestingBuilder(interception.Call(() => new DistributedApplicationBuilder(args)), interception, runsEntryPoint: false);
    }
}

/// <summary>What is different under test.</summary>
internal static class TestDefaults
{
    public static void Apply(DistributedApplicationOptions options, HostApplicationBuilderSettings settings, string[] args)
    {
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        settings.Args = [.. settings.Args ?? [], .. args.Except(settings.Args ?? [])];
        settings.Configuration ??= new();
        settings.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DcpPublisher:RandomizePorts"] = "true",
        });
        foreach (var (key, value) in HostLaunchProfile(options))
        {
            settings.Configuration.AddInMemoryCollection([new(key, value)]);
        }
    }

    // The AppHost sees the variables of its first launch profile, as it does when it is run.
    private static IEnumerable<KeyValuePair<string, string?>> HostLaunchProfile(DistributedApplicationOptions options)
    {
        var folder = options.ResolveProjectDirectory();
        if (LaunchSettings.Read(folder)?.Profiles.FirstOrDefault() is not { Value: { } profile, Key: var name })
        {
            yield break;
        }

        yield return new("DOTNET_LAUNCH_PROFILE", name);
        foreach (var (key, value) in profile.EnvironmentVariables)
        {
            yield return new(key, value);
            foreach (var prefix in new[] { "DOTNET_", "ASPNETCORE_" })
            {
                if (key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    yield return new(key[prefix.Length..], value);
                }
            }
        }
    }
}
