namespace LocalHosting.Processes;

/// <summary>What a process must not inherit from the host: settings that are meant for the host itself.</summary>
internal static class InheritedEnvironment
{
    private static readonly string[] Prefixes = ["ASPIRE_", "Dashboard__", "LocalHosting__", "MSBUILD", "TESTINGPLATFORM_", "XUNIT_"];

    private static readonly string[] Names =
        ["ASPNETCORE_URLS", "DOTNET_URLS", "URLS", "HTTP_PORTS", "ASPNETCORE_HTTP_PORTS", "DOTNET_LAUNCH_PROFILE", "OTEL_SERVICE_NAME"];

    public static void Clean(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(IsOfTheHost).ToList())
        {
            environment.Remove(name);
        }
    }

    private static bool IsOfTheHost(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase) || Prefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase));
}
