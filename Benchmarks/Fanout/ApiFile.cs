namespace Benchmarks.Fanout;

/// <summary>Where the Api is that was built with this program.</summary>
internal static class ApiFile
{
    public static string Path
    {
        get
        {
            var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "Api", "bin", BuildConfiguration.Name, "net10.0", "Api.dll"));
            return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not there; build the solution in the same configuration first.");
        }
    }
}
