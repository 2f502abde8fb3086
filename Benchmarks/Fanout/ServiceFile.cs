namespace Benchmarks.Fanout;

/// <summary>Where a service is that was built with this program.</summary>
internal static class ServiceFile
{
    public static string Of(string service)
    {
        var path = Path.GetFullPath(
            Path.Combine(
                AppContext.BaseDirectory,
                "..",
                "..",
                "..",
                "..",
                service,
                "bin",
                BuildConfiguration.Name,
                "net10.0",
                service + ".dll"
            )
        );
        return File.Exists(path)
            ? path
            : throw new InvalidOperationException($"{path} is not there; build the solution in the same configuration first.");
    }
}
