using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

/// <summary>What a user sees and is left with who runs the AppHost.</summary>
public sealed class AppHostProcessTests
{
    // Of Api's launch profile.
    private static readonly int ApiPort = new Uri("http://localhost:5180").Port;

    [Fact]
    public async Task It_says_what_to_open_and_ends_everything_when_it_is_asked_to_end()
    {
        using var host = new AppHostProcess(["--Redis:Server=process"]);
        await host.UntilUpAsync();
        using (var browser = new HttpClient())
        {
            using var page = await browser.GetAsync(host.AddressAfter("Open "));
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            using var dashboard = await browser.GetAsync(host.AddressAfter("The dashboard: "));
            Assert.Equal(HttpStatusCode.OK, dashboard.StatusCode);
        }
        var processes = host.Processes();
        // Redis, three of api, two of worker, web, and itself; the orchestrator's own come on top.
        Assert.True(processes.Count >= 8, host.Output);

        using var kill = Process.Start("kill", ["-TERM", $"{host.Process.Id}"]);

        await Eventually.HoldsAsync(() => host.Processes().Count == 0, "every process has ended");
        Assert.DoesNotContain(processes, Processes.Live);
    }

    [Fact]
    public async Task A_killed_worker_is_reported_and_started_again_and_a_killed_host_leaves_no_process_behind()
    {
        using var host = new AppHostProcess(["--Redis:Server=process", "--App:RestartDelay=00:00:01"]);
        await host.UntilUpAsync();
        Assert.True(host.Processes().Count >= 8, host.Output);
        foreach (var process in WorkersOf(host))
            Process.GetProcessById(process).Kill();
        await host.UntilAsync("has been killed, or has crashed; it is started again in 1 s.");
        await Eventually.HoldsAsync(() => WorkersOf(host).Count() == 2, "both workers run again");

        host.Process.Kill();

        await Eventually.HoldsAsync(() => host.Processes().Count == 0, "every process ends with its host");
    }

    /// <summary>Others wait for it, so that the app as a whole has not started yet.</summary>
    [Fact]
    public async Task A_service_that_crashes_at_once_is_reported_with_its_reason()
    {
        using var host = new AppHostProcess(
            ["--Redis:Server=process"],
            environment: new Dictionary<string, string> { ["EventStreams__MaxStreams"] = "-1" }
        );
        await host.UntilAsync("has crashed; it is started again in 5 s.");
        await host.UntilAsync("MaxStreams");
    }

    [Fact]
    public async Task A_port_in_use_is_reported_in_a_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, ApiPort);
        try
        {
            taken.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // By whomever: that will do.
        }
        using var host = new AppHostProcess(["--Redis:Server=process", "--DcpPublisher:RandomizePorts=false"]);
        await host.UntilAsync($"Port {ApiPort}");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_reported_in_a_sentence()
    {
        using var host = new AppHostProcess(["--Redis:Server=/no/such/redis-server"]);
        await host.UntilAsync("Redis:Server asks for '/no/such/redis-server', which is not there");
    }

    private static IEnumerable<int> WorkersOf(AppHostProcess host) =>
        host.Processes().Where(process => NameOf(process).EndsWith("/Worker", StringComparison.Ordinal));

    private static string NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0')[0];
        }
        catch (IOException)
        {
            return "";
        }
    }
}
