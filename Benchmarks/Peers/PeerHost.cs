namespace Benchmarks.Peers;

/// <summary>What the .NET peers share: the same server settings, and logging that does not count.</summary>
internal static class PeerHost
{
    public static WebApplicationBuilder Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }
}
