using System.Buffers;
using System.Net.Sockets;

namespace LocalHosting.Proxy;

/// <summary>Carries bytes both ways between two connections.</summary>
internal static class Splice
{
    private const int BufferSize = 64 * 1024;

    /// <summary>
    /// Returns when both directions have ended. The end of one direction is passed on while the other goes on (half-close); an error in
    /// either ends both, and the two ends see a reset rather than a clean end, for the bytes in flight are lost.
    /// </summary>
    public static async Task RunAsync(Socket a, Socket b, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var clean = await Task.WhenAll(CopyAsync(a, b, failed), CopyAsync(b, a, failed)).ConfigureAwait(false);
        if (clean.Contains(false))
        {
            var reset = new LingerOption(true, 0);
            Quietly(() => a.LingerState = reset);
            Quietly(() => b.LingerState = reset);
        }
    }

    private static async Task<bool> CopyAsync(Socket from, Socket to, CancellationTokenSource failed)
    {
        byte[]? buffer = null;
        try
        {
            while (true)
            {
                // An idle connection holds no buffer: the empty receive waits until there is something to read.
                await from.ReceiveAsync(Memory<byte>.Empty, failed.Token).ConfigureAwait(false);
                buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
                var count = await from.ReceiveAsync(buffer, failed.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return true;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), failed.Token).ConfigureAwait(false);
                }

                if (from.Available == 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            await failed.CancelAsync().ConfigureAwait(false);
            return false;
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The socket is closed already, which is what was wanted.
        }
    }
}
