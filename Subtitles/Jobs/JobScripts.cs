namespace Subtitles.Jobs;

/// <summary>The queue's commands, one Lua file each.</summary>
/// <remarks>
/// They use what Redis 6.2, Valkey and Garnet have in common, and are given the time, as not every server lets a script ask for it. A job is kept as JSON whose values are
/// all strings: the servers' Lua versions disagree on how a number is written.
/// </remarks>
internal static class JobScripts
{
    public static string Enqueue { get; } = Read("job-enqueue");

    public static string Claim { get; } = Read("job-claim");

    public static string Renew { get; } = Read("job-renew");

    public static string Complete { get; } = Read("job-complete");

    public static string Fail { get; } = Read("job-fail");

    public static string Release { get; } = Read("job-release");

    public static string Cancel { get; } = Read("job-cancel");

    public static string Retry { get; } = Read("job-retry");

    public static string ClaimWebhook { get; } = Read("webhook-claim");

    public static string SettleWebhook { get; } = Read("webhook-settle");

    private static string Read(string name)
    {
        using var stream = typeof(JobScripts).Assembly.GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
