namespace Subtitles.Jobs;

/// <summary>The queue's commands, one Lua file each.</summary>
/// <remarks>
/// They use what Redis 6.2, Valkey and Garnet have in common, and are given the time, as not every server lets a script ask for it. A job
/// is kept as JSON whose values are all strings: the servers' Lua versions disagree on how a number is written.
/// </remarks>
internal static class JobScripts
{
    private static readonly string Turns = Read("job-turns");

    public static string Enqueue { get; } = Turns + Read("job-enqueue");

    public static string Claim { get; } = Turns + Read("job-claim");

    public static string Renew { get; } = Read("job-renew");

    public static string Language { get; } = Read("job-language");

    public static string Media { get; } = Turns + Read("job-media");

    public static string Complete { get; } = Turns + Read("job-complete");

    public static string Fail { get; } = Turns + Read("job-fail");

    public static string Release { get; } = Turns + Read("job-release");

    public static string Cancel { get; } = Turns + Read("job-cancel");

    public static string Retry { get; } = Turns + Read("job-retry");

    public static string Delete { get; } = Turns + Read("job-delete");

    public static string Forget { get; } = Turns + Read("job-forget");

    public static string ClaimWebhook { get; } = Read("webhook-claim");

    public static string SettleWebhook { get; } = Read("webhook-settle");

    private static string Read(string name)
    {
        using var stream =
            typeof(JobScripts).Assembly.GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
