using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using StackExchange.Redis;

namespace EventStreams.Bus;

/// <summary>Connects to a server as the StackExchange.Redis configuration says: address, TLS, user and password.</summary>
internal sealed class SubscriberTransport(EndPoint endPoint, ConfigurationOptions configuration)
{
    public EndPoint EndPoint => endPoint;

    /// <summary>A stream on which the server has accepted the user.</summary>
    /// <exception cref="IOException">The server refused, or did not answer in time.</exception>
    public Stream Connect()
    {
        var socket =
            endPoint is UnixDomainSocketEndPoint
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Connected synchronously, and so read synchronously too: after an asynchronous call, every read would go through the runtime's
            // event thread, at twice the cost.
            using (new Timer(static s => ((Socket)s!).Dispose(), socket, configuration.ConnectTimeout, Timeout.Infinite))
                socket.Connect(endPoint);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (configuration.Ssl)
                stream = Secure(stream);
            // A server that takes nothing any more must not hold up whoever sends to it.
            stream.WriteTimeout = configuration.ConnectTimeout;
            Authenticate(stream);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslStream Secure(Stream stream)
    {
        var host = configuration.SslHost ?? (endPoint as DnsEndPoint)?.Host ?? (endPoint as IPEndPoint)?.Address.ToString() ?? "";
        var secure = new SslStream(stream);
        secure.AuthenticateAsClient(
            configuration.SslClientAuthenticationOptions?.Invoke(host)
                ?? new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    EnabledSslProtocols = configuration.SslProtocols ?? SslProtocols.None,
                    CertificateRevocationCheckMode = configuration.CheckCertificateRevocation
                        ? X509RevocationMode.Online
                        : X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = CertificateCallbacks.ValidationOf(configuration),
                    LocalCertificateSelectionCallback = CertificateCallbacks.SelectionOf(configuration),
                }
        );
        return secure;
    }

    private void Authenticate(Stream stream)
    {
        // Asked at each connection, as it may renew itself; and once, as it may do so between two questions.
        var (user, password) = (configuration.User, configuration.Password);
        if (string.IsNullOrEmpty(password))
            return;
        stream.Write(string.IsNullOrEmpty(user) ? RespCommand.Encode("AUTH", password) : RespCommand.Encode("AUTH", user, password));
        stream.ReadTimeout = configuration.ConnectTimeout;
        var answer = ReadLine(stream);
        stream.ReadTimeout = Timeout.Infinite;
        if (!answer.StartsWith('+'))
            throw new IOException($"{endPoint} refused the password: {answer.TrimStart('-')}");
    }

    private static string ReadLine(Stream stream)
    {
        // Byte by byte, as what follows belongs to the subscriber.
        var line = new StringBuilder();
        while (stream.ReadByte() is >= 0 and var b && b != '\n')
            line.Append((char)b);
        return line.ToString().TrimEnd('\r');
    }
}
