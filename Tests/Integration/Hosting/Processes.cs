using System.Diagnostics;

namespace Tests.Integration.Hosting;

/// <summary>Looks at processes that are not this one's children.</summary>
internal static class Processes
{
    /// <summary>Whether a process runs; one that has ended but was not collected by its parent does not.</summary>
    public static bool Live(int id)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                // The state follows the name, which stands in parentheses.
                var stat = File.ReadAllText($"/proc/{id}/stat");
                return stat[stat.LastIndexOf(')')..].Split(' ')[1] is not ("Z" or "X");
            }
            catch (IOException)
            {
                return false;
            }
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
