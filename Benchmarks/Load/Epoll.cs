using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Benchmarks.Load;

/// <summary>The few calls of Linux that a load client needs to read thousands of sockets on one thread at a cost near that of a C
/// program.</summary>
internal static unsafe partial class Epoll
{
    public const uint In = 0x001;
    public const uint Hangup = 0x010;
    private const int Add = 1;
    private const int CloseOnExec = 0x80000;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Event
    {
        public uint Events;
        public int Data;
        private readonly int _padding;
    }

    public static int Create()
    {
        var handle = CreateNative(CloseOnExec);
        return handle >= 0 ? handle : throw new Win32Exception();
    }

    public static void Watch(int epoll, int socket, int index)
    {
        var e = new Event { Events = In, Data = index };
        if (Control(epoll, Add, socket, &e) != 0)
            throw new Win32Exception();
    }

    public static int Wait(int epoll, Span<Event> events, int milliseconds)
    {
        fixed (Event* first = events)
            return WaitNative(epoll, first, events.Length, milliseconds);
    }

    /// <summary>Bytes read; 0 at the end of the stream; -1 when there is nothing (or the connection is broken).</summary>
    public static int Read(int socket, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
            return (int)ReceiveNative(socket, first, (nuint)buffer.Length, 0);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int CreateNative(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int socket, Event* e);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int WaitNative(int epoll, Event* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveNative(int socket, byte* buffer, nuint length, int flags);
}
