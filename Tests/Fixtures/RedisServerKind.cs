namespace Tests.Fixtures;

/// <summary>The servers that everything has to work on alike.</summary>
public enum RedisServerKind
{
    /// <summary><c>redis-server</c> or <c>valkey-server</c>, whichever is on the PATH.</summary>
    Redis,

    /// <summary>Garnet, the .NET tool of <c>.config/dotnet-tools.json</c>.</summary>
    Garnet,
}
