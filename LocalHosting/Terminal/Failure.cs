using System.Reflection;
using Aspire.Hosting;
using Microsoft.Extensions.Options;

namespace LocalHosting.Terminal;

/// <summary>How a failure reaches the person who started the host: a sentence, and an exit code.</summary>
internal static class Failure
{
    public const int ExitCode = 1;

    /// <summary>The sentence for a failure that was foreseen; null for one that was not, whose stack trace is needed.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        DistributedApplicationException e => e.Message,
        OptionsValidationException e => $"The settings are not valid: {string.Join(" ", e.Failures)}",
        AggregateException { InnerExceptions: [var inner] } => Explain(inner),
        TargetInvocationException { InnerException: { } inner } => Explain(inner),
        _ => null,
    };

    public static void Report(string sentence)
    {
        Console.Error.WriteLine($"error: {sentence}");
        Environment.ExitCode = ExitCode;
    }
}
