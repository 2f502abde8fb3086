using Microsoft.Extensions.Logging;

namespace AppHost.Redis;

/// <summary>
/// A Redis server as a process of this machine. It looks to its references like the container of <see cref="RedisResource"/>: the same
/// name, connection string and connection properties. It has a password and an append-only file, so that its data survives its end.
/// </summary>
internal sealed partial class RedisProcess(string name, ParameterResource password, RedisServer server, string folder)
    : ExecutableResource(name, server.Command, folder),
        IResourceWithConnectionString
{
    /// <summary>The name of its endpoint, as of the container's.</summary>
    public const string EndpointName = "tcp";

    private EndpointReference? _endpoint;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.HostAndPort)},password={password}");

    private EndpointReference Endpoint => _endpoint ??= new(this, EndpointName);

    /// <inheritdoc/>
    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties()
    {
        var (host, port) = (Endpoint.Property(EndpointProperty.Host), Endpoint.Property(EndpointProperty.Port));
        yield return new("Host", ReferenceExpression.Create($"{host}"));
        yield return new("Port", ReferenceExpression.Create($"{port}"));
        yield return new("Password", ReferenceExpression.Create($"{password}"));
        yield return new("Uri", ReferenceExpression.Create($"redis://:{password:uri}@{host}:{port}"));
    }

    /// <summary>
    /// Called at each start. The password goes through a file that only this user can read, as arguments are visible to all.
    /// </summary>
    public async Task AddArgumentsAsync(CommandLineArgsCallbackContext context)
    {
        var secret =
            await password.GetValueAsync(context.CancellationToken)
            ?? throw new DistributedApplicationException($"The parameter '{password.Name}' has no value.");
        var file = Path.Combine(WorkingDirectory, "server.conf");
        if (server.Garnet is { } garnet)
        {
            context.Args.Add(await garnet.GetAsync(line => LogProgress(context.Logger, line), context.CancellationToken));
            context.Args.Add("--config-import-path");
        }
        context.Args.Add(file);
        context.Args.Add("--port");
        context.Args.Add(Endpoint.Property(EndpointProperty.TargetPort));
        await WriteAsync(
            file,
            server.Garnet is null
                ? RedisConfiguration.OfRedis(secret, WorkingDirectory)
                : RedisConfiguration.OfGarnet(secret, WorkingDirectory),
            context.CancellationToken
        );
    }

    private static async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var writer = new StreamWriter(file, options);
        await writer.WriteAsync(text.AsMemory(), cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "{Line}")]
    private static partial void LogProgress(ILogger logger, string line);
}
