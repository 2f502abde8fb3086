namespace Benchmarks.Fanout;

/// <summary>Which build this is, and so which build of the Api is measured.</summary>
internal static class BuildConfiguration
{
#if DEBUG
    public const string Name = "Debug";
#else
    public const string Name = "Release";
#endif
}
