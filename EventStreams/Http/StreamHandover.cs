using System.IO.Pipelines;
using EventStreams.Fanout;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventStreams.Http;

/// <summary>
/// Lets a stream outlive its request: the request sends the headers and ends, and the stream goes on with the bare connection. What the
/// server holds for a request, which is more than all else of an idle stream, is free again.
/// </summary>
/// <remarks>
/// A middleware of connections around the server's HTTP. The answer says <c>Connection: close</c>, so that the server does not wait for
/// another request, and brings its own chunked coding, so that the server does not end the body (RFC 9112, sections 7.1 and 9.6). When the
/// server's HTTP is done with the connection, the middleware runs the stream; when that is over, the connection is closed.
/// The server calls its HTTP for each connection once a second until the connection is closed, and so would keep it in memory: the call
/// goes through here, and ends with the request.
/// </remarks>
internal sealed class StreamHandover : IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IDuplexPipe _transport;
    private readonly bool _isPlain;
    private readonly IConnectionHeartbeatFeature? _heartbeat;
    private (Action<object> Action, object State)[] _onHeartbeat = [];
    private OpenStream? _stream;

    private StreamHandover(ConnectionContext connection)
    {
        _connection = connection;
        _transport = connection.Transport;
        _isPlain =
            connection.Features.Get<IConnectionSocketFeature>() is not null && connection.Features.Get<ITlsHandshakeFeature>() is null;
        _heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
    }

    /// <summary>The middleware.</summary>
    public static ConnectionDelegate Around(ConnectionDelegate http) => connection => RunAsync(http, connection);

    /// <summary>
    /// The handover of a request's connection; null where it must stay with the server: the endpoint is without the middleware, or has no
    /// socket (a test host); the protocol is not HTTP/1.1; something stands between HTTP and the socket (TLS, or any other middleware of
    /// connections that changes their bytes); a middleware changes the body; or the request has a body of its own. The request's scheme
    /// says nothing of this: behind a proxy it is what the proxy was asked.
    /// </summary>
    public static StreamHandover? Of(HttpContext context)
    {
        var features = context.Features;
        if (
            !HttpProtocol.IsHttp11(context.Request.Protocol)
            || features.Get<IConnectionHeartbeatFeature>() is not StreamHandover { IsBare: true } handover
        )
            return null;
        // The server's own features are one object: another one for the body means that somebody else has a hand in it.
        if (!ReferenceEquals(features.Get<IHttpResponseBodyFeature>(), features.Get<IHttpRequestLifetimeFeature>()))
            return null;
        // The server would wait for the request's body before it lets go of the connection.
        return features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true ? null : handover;
    }

    /// <summary>Prepares an answer, which already says <c>Connection: close</c>, for a body that is written in chunks.</summary>
    public static void Prepare(HttpResponse response) => response.Headers.TransferEncoding = "chunked";

    /// <summary>Runs the stream when the request has ended.</summary>
    public void Take(OpenStream stream) => _stream = stream;

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        if (_onHeartbeat.Length == 0)
            _heartbeat?.OnHeartbeat(static handover => ((StreamHandover)handover).Beat(), this);
        Volatile.Write(ref _onHeartbeat, [.. _onHeartbeat, (action, state)]);
    }

    // Whether HTTP writes to the socket's own pipe. What stands between them, as TLS does, has put a pipe of its own in its place.
    private bool IsBare => _isPlain && ReferenceEquals(_connection.Transport, _transport);

    private void Beat()
    {
        foreach (var (action, state) in Volatile.Read(ref _onHeartbeat))
            action(state);
    }

    private static async Task RunAsync(ConnectionDelegate http, ConnectionContext connection)
    {
        var handover = new StreamHandover(connection);
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
