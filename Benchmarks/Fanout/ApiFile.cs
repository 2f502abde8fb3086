namespace Benchmarks.Fanout;

/// <summary>Where the Api is that was built with this program.</summary>
internal static class ApiFile
{
    public static string Path => ServiceFile.Of("Api");
}
