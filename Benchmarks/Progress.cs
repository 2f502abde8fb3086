namespace Benchmarks;

/// <summary>What a run does at the moment: on the error output, so that the tables can be kept without it.</summary>
internal static class Progress
{
    public static void Say(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");
}
