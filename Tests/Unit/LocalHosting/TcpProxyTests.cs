using System.Net;
using System.Net.Sockets;
using System.Text;
using LocalHosting.Proxy;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Fixtures;

namespace Tests.Unit.LocalHosting;

public sealed class TcpProxyTests : IAsyncDisposable
{
    private readonly ReplicaPool _pool = new();
    private readonly List<IDisposable> _servers = [];
    private readonly TcpProxy _proxy;

    public TcpProxyTests() => _proxy = TcpProxy.Start("test", null, _pool, TimeSpan.FromSeconds(20), NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _servers.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task Connections_reach_every_ready_replica_and_no_other()
    {
        AddReplica("a", GreetAs("a"));
        AddReplica("b", GreetAs("b"));
        AddReplica("c", GreetAs("c"));
        _pool.Remove("c");

        var answers = new HashSet<string>();
        for (var i = 0; i < 60; i++)
            answers.Add(await ReadAllAsync(await DialAsync()));

        Assert.Equal(["a", "b"], answers.Order());
    }

    [Fact]
    public async Task A_replica_that_does_not_answer_the_dial_is_passed_over()
    {
        _pool.Add("dead", ClosedPort());
        AddReplica("alive", GreetAs("alive"));

        for (var i = 0; i < 30; i++)
            Assert.Equal("alive", await ReadAllAsync(await DialAsync()));
    }

    [Fact]
    public async Task A_connection_that_finds_no_replica_waits_for_one()
    {
        var client = await DialAsync();
        var answer = ReadAllAsync(client);
        await Eventually.HoldsAsync(() => _proxy.Connections == 1, "the proxy holds the connection");
        Assert.False(answer.IsCompleted);

        AddReplica("late", GreetAs("late"));

        Assert.Equal("late", await answer);
    }

    [Fact]
    public async Task The_end_of_one_direction_is_passed_on_while_the_other_goes_on()
    {
        // The server answers only when it has seen the end of the request.
        AddReplica("a", async stream =>
        {
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"got {all.Length} bytes"));
        });

        using var client = await DialAsync();
        await client.SendAsync(new byte[1_000_000]);
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("got 1000000 bytes", await ReadAllAsync(client));
    }

    [Fact]
    public async Task Hundreds_of_connections_at_once_each_get_their_own_bytes_back()
    {
        AddReplica("a", Echo);
        AddReplica("b", Echo);

        await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
        {
            using var client = await DialAsync();
            var sent = new byte[50_000];
            new Random(number).NextBytes(sent);
            var received = ReceiveAsync(client, sent.Length);
            await client.SendAsync(sent);
            Assert.Equal(sent, await received);
        }));

        await Eventually.HoldsAsync(() => _proxy.Connections == 0, "the proxy lets go of connections that have ended");
    }

    [Fact]
    public async Task The_death_of_a_replica_ends_its_connections()
    {
        var accepted = new TaskCompletionSource<Socket>();
        var listener = Listen();
        _ = AcceptOneAsync();
        _pool.Add("a", (IPEndPoint)listener.LocalEndPoint!);
        using var client = await DialAsync();
        var server = await accepted.Task.WaitAsync(Eventually.DefaultLimit);
        await server.SendAsync(new byte[1]);
        await ReceiveAsync(client, 1).WaitAsync(Eventually.DefaultLimit);

        // What the system does for a killed process with unread data.
        server.LingerState = new LingerOption(true, 0);
        server.Dispose();

        var end = await Record.ExceptionAsync(() => ReceiveAsync(client, 1).WaitAsync(Eventually.DefaultLimit));
        Assert.IsType<SocketException>(end);

        async Task AcceptOneAsync() => accepted.SetResult(await listener.AcceptAsync());
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_a_sentence()
    {
        var error = Assert.Throws<Aspire.Hosting.DistributedApplicationException>(
            () => TcpProxy.Start("the endpoint 'http' of 'api'", _proxy.Port, _pool, TimeSpan.FromSeconds(1), NullLogger.Instance));

        Assert.Contains($"Port {_proxy.Port} (the endpoint 'http' of 'api') is in use", error.Message, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    private static Func<NetworkStream, Task> GreetAs(string name) => stream => stream.WriteAsync(Encoding.ASCII.GetBytes(name)).AsTask();

    private static Task Echo(NetworkStream stream) => stream.CopyToAsync(stream);

    private static IPEndPoint ClosedPort()
    {
        using var socket = Listen();
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(512);
        return socket;
    }

    private void AddReplica(string name, Func<NetworkStream, Task> serve)
    {
        var listener = Listen();
        _servers.Add(listener);
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var socket = await listener.AcceptAsync();
                    _ = Task.Run(async () =>
                    {
                        await using var stream = new NetworkStream(socket, ownsSocket: true);
                        await serve(stream);
                    });
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        });
        _pool.Add(name, (IPEndPoint)listener.LocalEndPoint!);
    }

    private async Task<Socket> DialAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return socket;
    }

    private static async Task<string> ReadAllAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        using var owned = socket;
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, limit.Token) is var count and > 0)
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        var all = new byte[count];
        for (var received = 0; received < count;)
        {
            var read = await socket.ReceiveAsync(all.AsMemory(received));
            Assert.NotEqual(0, read);
            received += read;
        }
        return all;
    }
}
