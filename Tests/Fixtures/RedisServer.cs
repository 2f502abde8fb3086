using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Tests.Fixtures;

/// <summary>
/// A server of a test's own: on loopback, a random port, with a random password and a temporary folder. It can be killed and started again
/// on the same port.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly TemporaryFolder _folder = new();
    private readonly string _program;
    private readonly IReadOnlyList<string> _programArguments;
    private readonly bool _isPersistent;
    private Process? _process;

    private RedisServer(RedisServerKind kind, string program, IReadOnlyList<string> programArguments, bool isPersistent)
    {
        (Kind, _program, _programArguments, _isPersistent) = (kind, program, programArguments, isPersistent);
        AppDomain.CurrentDomain.ProcessExit += OnTestProcessExit;
    }

    /// <summary>Which server it is.</summary>
    public RedisServerKind Kind { get; }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>The password of the default user.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>What a service takes as <c>ConnectionStrings__redis</c>.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},password={Password}";

    /// <summary>The id of the running process.</summary>
    public int ProcessId => (_process ?? throw new InvalidOperationException("The server is not running.")).Id;

    /// <summary>Starts a server; skips the test (or fails it under <c>CI=true</c>) where the program is missing.</summary>
    /// <param name="kind">Which one.</param>
    /// <param name="isPersistent">Whether data outlive <see cref="RestartAsync"/>; redis-server and valkey-server only.</param>
    public static async Task<RedisServer> StartAsync(RedisServerKind kind, bool isPersistent = false)
    {
        if (isPersistent && kind == RedisServerKind.Garnet)
            throw new ArgumentException("This fixture runs Garnet in memory only.", nameof(isPersistent));
        var (program, arguments) = await FindAsync(kind);
        var server = new RedisServer(kind, program, arguments, isPersistent);
        for (var attempt = 1; ; attempt++)
        {
            server.Port = FindFreePort();
            try
            {
                await server.LaunchAsync([]);
                return server;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // Another process took the port between the look and the start.
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Whether it has refused a command because it was loading its data.</summary>
    public bool HasBeenLoading { get; private set; }

    /// <summary>A connection of its own, that the caller disposes of.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync(Action<ConfigurationOptions>? configure = null)
    {
        var options = ConfigurationOptions.Parse(ConnectionString);
        options.AbortOnConnectFail = false;
        options.AllowAdmin = true;
        configure?.Invoke(options);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>Cuts the connections of all subscribers off, as a network does that lost them.</summary>
    public async Task CutSubscriptionsAsync()
    {
        using var admin = await ConnectAsync();
        await admin.GetServer("127.0.0.1", Port).ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
    }

    /// <summary>Ends the process without a chance to clean up.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
    }

    /// <summary>Kills it when it runs, then starts it on the same port with the same password.</summary>
    public Task RestartAsync() => RestartAsync([]);

    /// <inheritdoc cref="RestartAsync()"/>
    /// <param name="arguments">More of the program's arguments, for this start.</param>
    public async Task RestartAsync(IReadOnlyList<string> arguments)
    {
        await KillAsync();
        await LaunchAsync(arguments);
    }

    /// <summary>Stops it from doing anything until <see cref="ThawAsync"/>; its connections stay open.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    /// <summary>Lets it go on.</summary>
    public Task ThawAsync() => SignalAsync("-CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnTestProcessExit;
        await KillAsync();
        _folder.Dispose();
    }

    private static async Task<(string Program, IReadOnlyList<string> Arguments)> FindAsync(RedisServerKind kind)
    {
        if (kind == RedisServerKind.Garnet)
        {
            if (await GarnetTool.FindAsync() is not { } path)
                throw Requirement.Missing("Garnet could not be restored; run: dotnet tool restore");
            return ("dotnet", [path]);
        }
        if (Requirement.FindProgram("redis-server", "valkey-server") is not { } program)
            throw Requirement.Missing("Neither redis-server nor valkey-server is on the PATH; on Debian run: apt-get install redis-server");
        return (program, []);
    }

    private IEnumerable<string> CreateArguments() =>
        Kind == RedisServerKind.Garnet
            ?
            [
                .. _programArguments,
                "--bind",
                "127.0.0.1",
                "--port",
                $"{Port}",
                "--auth",
                "Password",
                "--password",
                Password,
                // Without the transaction mode, a script of Garnet is not atomic.
                "--lua",
                "--lua-transaction-mode",
                "--memory",
                "128m",
                "--index",
                "8m",
            ]
            :
            [
                .. _programArguments,
                "--bind",
                "127.0.0.1",
                "--port",
                $"{Port}",
                "--requirepass",
                Password,
                "--dir",
                _folder.Path,
                "--save",
                "",
                "--appendonly",
                _isPersistent ? "yes" : "no",
            ];

    private async Task LaunchAsync(IReadOnlyList<string> arguments)
    {
        _output.Clear();
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(_program, [.. CreateArguments(), .. arguments])
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;

        var started = Stopwatch.GetTimestamp();
        while (!await AnswersAsync())
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
            {
                await KillAsync();
                throw new InvalidOperationException($"{Kind} did not start on port {Port}. Its last lines:\n{string.Join('\n', _output)}");
            }
            await Task.Delay(10);
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (_output.Count > 40)
            _output.TryDequeue(out _);
    }

    private async Task<bool> AnswersAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
            var stream = client.GetStream();
            // In full protocol form: Garnet does not take inline commands.
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"*2\r\n$4\r\nAUTH\r\n${Password.Length}\r\n{Password}\r\n*1\r\n$4\r\nPING\r\n"),
                limit.Token
            );
            var answer = "";
            var buffer = new byte[256];
            while (!answer.Contains("+PONG", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(buffer, limit.Token);
                if (read == 0)
                    return false;
                answer += Encoding.ASCII.GetString(buffer, 0, read);
                // A server that loads its data refuses commands until it is done.
                if (answer.Contains("-LOADING", StringComparison.Ordinal))
                {
                    HasBeenLoading = true;
                    return false;
                }
            }
            return true;
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>A port on loopback that nobody listens on.</summary>
    public static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void OnTestProcessExit(object? sender, EventArgs e) => _process?.Kill();
}
