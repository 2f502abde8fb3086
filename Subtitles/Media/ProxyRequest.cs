using System.Globalization;
using System.Text;

namespace Subtitles.Media;

/// <summary>The head of a request, and what came behind it.</summary>
internal sealed record ProxyHead(string Text, ReadOnlyMemory<byte> Rest);

/// <summary>What a program asks of a forward proxy.</summary>
/// <param name="Host">Where to connect to.</param>
/// <param name="Port">The port there.</param>
/// <param name="IsTunnel">Whether the bytes are passed on as they are, after an answer of our own (CONNECT).</param>
/// <param name="Head">Otherwise the head to send.</param>
internal sealed record ProxyRequest(string Host, int Port, bool IsTunnel, string Head)
{
    private static readonly string[] Dropped = ["Connection:", "Proxy-Connection:", "Proxy-Authorization:"];

    /// <summary>Reads a head; null when it is none that is served.</summary>
    public static ProxyRequest? Parse(ProxyHead head)
    {
        var lines = head.Text.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
            return null;
        if (method == "CONNECT")
        {
            var colon = target.LastIndexOf(':');
            return colon > 0 && int.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
                ? new ProxyRequest(target[..colon].Trim('[', ']'), port, IsTunnel: true, "")
                : null;
        }
        if (method is not ("GET" or "HEAD") || !Uri.TryCreate(target, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp)
            return null;
        var text = new StringBuilder().Append(method).Append(' ').Append(address.PathAndQuery).Append(" HTTP/1.1\r\n");
        foreach (var line in lines.Skip(1).Where(l => !Array.Exists(Dropped, d => l.StartsWith(d, StringComparison.OrdinalIgnoreCase))))
            text.Append(line).Append("\r\n");
        // One request to one place: the next one is checked again.
        text.Append("Connection: close\r\n\r\n");
        return new ProxyRequest(address.IdnHost.Trim('[', ']'), address.Port, IsTunnel: false, text.ToString());
    }
}
