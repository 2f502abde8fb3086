using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>How the options say to connect.</summary>
internal static class RedisConfiguration
{
    private const int RoleCheckSeconds = 2;

    /// <summary>A copy of what the app has configured, with the library's own timeouts and policies. What is asked at every connection, as
    /// a password that renews itself, is asked through the copy too.</summary>
    public static ConfigurationOptions Of(EventStreamsOptions options)
    {
        var configuration = options.Connection?.Clone() ?? ConfigurationOptions.Parse(TextOf(options)!);
        var timeout = (int)options.RedisTimeout.TotalMilliseconds;
        configuration.AbortOnConnectFail = false;
        configuration.ClientName ??= "eventstreams";
        configuration.SyncTimeout = timeout;
        configuration.AsyncTimeout = timeout;
        configuration.ConnectTimeout = Math.Max(timeout, 1000);
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ReconnectRetryPolicy = new LinearRetry(250);
        // Where several servers are named, one may take over from another without a sign on any connection; by default the client looks
        // once a minute.
        if (configuration.EndPoints.Count > 1)
            configuration.ConfigCheckSeconds = Math.Min(configuration.ConfigCheckSeconds, RoleCheckSeconds);
        return configuration;
    }

    /// <summary>Whether the options say where Redis is.</summary>
    public static bool IsGiven(EventStreamsOptions options) =>
        options.Connection is not null || !string.IsNullOrWhiteSpace(TextOf(options));

    /// <summary>Whether what they say can be read.</summary>
    public static bool IsValid(EventStreamsOptions options)
    {
        if (!IsGiven(options))
            return true;
        try
        {
            return Of(options).EndPoints.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // A connection of the app's knows its configuration only as a text, with its password.
    private static string? TextOf(EventStreamsOptions options) => options.ConnectionMultiplexer?.Configuration ?? options.ConnectionString;
}
