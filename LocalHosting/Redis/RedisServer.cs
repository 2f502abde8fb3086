namespace LocalHosting.Redis;

/// <summary>A server program, and which configuration it understands.</summary>
/// <param name="Kind">Names the folder of its data, for one kind cannot read what another wrote.</param>
internal sealed record RedisServer(string Kind, string Path, bool IsGarnet);
