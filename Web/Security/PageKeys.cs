namespace Web.Security;

/// <summary>The keys that pages are protected with.</summary>
internal static class PageKeys
{
    private const string Redis = "redis";

    /// <summary>
    /// Shares them with all replicas where there is a Redis for that. Without one they are this process's own, which is right for a single
    /// one.
    /// </summary>
    public static void AddPageKeys(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString(Redis)))
            return;
        // Pages are served also while Redis is away.
        builder.AddRedisClient(Redis, static settings => settings.DisableHealthChecks = true);
        builder.AddSharedKeys("web");
    }
}
