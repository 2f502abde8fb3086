using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace AppHost.Redis;

/// <summary>The program that would run containers, found in the way Aspire's orchestrator finds it.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Whether there is one that works. A command without a daemon behind it, which is common, does not.</summary>
    public static bool Answers(IConfiguration configuration)
    {
        var named =
            configuration["DcpPublisher:ContainerRuntime"]
            ?? configuration["ASPIRE_CONTAINER_RUNTIME"]
            ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        return string.IsNullOrEmpty(named) ? ListsContainers("docker") || ListsContainers("podman") : ListsContainers(named);
    }

    private static bool ListsContainers(string program)
    {
        try
        {
            using var asked = Process.Start(
                new ProcessStartInfo(program, ["container", "ls", "-n", "1"])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    RedirectStandardInput = true,
                }
            )!;
            if (asked.WaitForExit(Limit))
                return asked.ExitCode == 0;
            asked.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            // Not installed.
            return false;
        }
    }
}
