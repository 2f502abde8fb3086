namespace Aspire.StackExchange.Redis;

/// <summary>Settings of <c>AddRedisClient</c>, bound from <c>Aspire:StackExchange:Redis</c> and from the section below it that is named like the connection.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The connection string; <c>ConnectionStrings:NAME</c> comes before it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether to leave the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether not to listen to the client library's activities. Version 3 of StackExchange.Redis has none of its own; the callers' spans tell what was done on Redis.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Whether to connect at first use instead of at the start of the application.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
