using System.Net;
using System.Net.Sockets;
using LocalHosting.Processes;

namespace Tests.Unit.LocalHosting;

public sealed class PortAllocatorTests
{
    [Fact]
    public void Ports_are_given_out_once_even_to_many_at_the_same_time()
    {
        var ports = Enumerable.Range(0, 200).AsParallel().WithDegreeOfParallelism(8).Select(_ => PortAllocator.Next()).ToList();

        Assert.Equal(ports.Count, ports.Distinct().Count());
    }

    [Fact]
    public void A_port_that_something_listens_on_is_not_free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;

        Assert.False(PortAllocator.IsFree(port));
        socket.Dispose();
        Assert.True(PortAllocator.IsFree(port));
    }
}
