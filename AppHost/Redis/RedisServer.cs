namespace AppHost.Redis;

/// <summary>A server program of this machine.</summary>
/// <param name="Kind">Names the folder of its data, since one kind cannot read what another has written.</param>
/// <param name="Command">The path of the program; of Garnet the <c>dotnet</c> that runs it.</param>
/// <param name="Garnet">Where Garnet comes from; null for a server that is installed.</param>
internal sealed record RedisServer(string Kind, string Command, GarnetTool? Garnet = null)
{
    /// <param name="wanted"><c>auto</c> or <c>process</c> for whichever there is, an installed one first; <c>garnet</c>; a command on the
    /// PATH; or a path.</param>
    /// <param name="folder">Where a relative path starts.</param>
    /// <exception cref="DistributedApplicationException">It is not on this machine.</exception>
    public static RedisServer Find(string wanted, string folder) =>
        wanted switch
        {
            "auto" or "process" => Installed("redis-server", folder) ?? Installed("valkey-server", folder) ?? OfGarnet(folder),
            "garnet" => OfGarnet(folder),
            _ => Installed(wanted, folder)
                ?? throw new DistributedApplicationException(
                    $"Redis:Server asks for '{wanted}', which is not there: install it, or set it to auto, container, process, "
                        + "redis-server, valkey-server, garnet or the path of a server."
                ),
        };

    private static RedisServer OfGarnet(string folder) => new("garnet", "dotnet", new GarnetTool(folder));

    private static RedisServer? Installed(string command, string folder) =>
        ProgramPath.Find(command, folder) is { } path ? new(Path.GetFileNameWithoutExtension(path), path) : null;
}
