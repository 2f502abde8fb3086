using EventStreams.Fanout;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventStreams.Http;

/// <summary>
/// Lets a stream outlive its request: the request sends the headers and ends, and the stream goes on with the bare connection. What the server holds for a request, which is more than all else of an idle stream, is free again.
/// </summary>
/// <remarks>
/// A middleware of connections around the server's HTTP. The answer says <c>Connection: close</c>, so that the server does not wait for another request, and brings its own chunked coding, so that the server does not end the
/// body (RFC 9112, sections 7.1 and 9.6). When the server's HTTP is done with the connection, the middleware runs the stream; when that is over, the connection is closed.
/// The server calls its HTTP for each connection once a second until the connection is closed, and so would keep it in memory: the call goes through here, and ends with the request.
/// </remarks>
internal sealed class StreamHandover : IConnectionHeartbeatFeature
{
    private readonly IConnectionHeartbeatFeature? _heartbeat;
    private (Action<object> Action, object State)[] _onHeartbeat = [];
    private OpenStream? _stream;

    private StreamHandover(IConnectionHeartbeatFeature? heartbeat) => _heartbeat = heartbeat;

    /// <summary>The middleware.</summary>
    public static ConnectionDelegate Around(ConnectionDelegate http) => connection => RunAsync(http, connection);

    /// <summary>The handover of a request's connection; null where what is written does not go to a socket as it is: TLS, HTTP/2, HTTP/1.0, a body that a middleware changes, a test host.</summary>
    public static StreamHandover? Of(HttpContext context)
    {
        var features = context.Features;
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) || context.Request.IsHttps || features.Get<IConnectionSocketFeature>() is null)
            return null;
        // The server's own features are one object: another one for the body means that somebody else has a hand in it.
        if (!ReferenceEquals(features.Get<IHttpResponseBodyFeature>(), features.Get<IHttpRequestLifetimeFeature>()))
            return null;
        // The server would wait for the request's body before it lets go of the connection.
        return features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true ? null : features.Get<IConnectionHeartbeatFeature>() as StreamHandover;
    }

    /// <summary>Prepares an answer whose body is written in chunks.</summary>
    public static void Prepare(HttpResponse response)
    {
        response.Headers.Connection = "close";
        response.Headers.TransferEncoding = "chunked";
    }

    /// <summary>Runs the stream when the request has ended.</summary>
    public void Take(OpenStream stream) => _stream = stream;

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        if (_onHeartbeat.Length == 0)
            _heartbeat?.OnHeartbeat(static handover => ((StreamHandover)handover).Beat(), this);
        Volatile.Write(ref _onHeartbeat, [.. _onHeartbeat, (action, state)]);
    }

    private void Beat()
    {
        foreach (var (action, state) in Volatile.Read(ref _onHeartbeat))
            action(state);
    }

    private static async Task RunAsync(ConnectionDelegate http, ConnectionContext connection)
    {
        var handover = new StreamHandover(connection.Features.Get<IConnectionHeartbeatFeature>());
        connection.Features.Set<IConnectionHeartbeatFeature>(handover);
        try
        {
            await http(connection);
        }
        finally
        {
            Volatile.Write(ref handover._onHeartbeat, []);
            if (handover._stream is { } stream)
                await stream.RunAsync(new SocketSink(connection), connection.ConnectionClosed);
        }
    }
}
