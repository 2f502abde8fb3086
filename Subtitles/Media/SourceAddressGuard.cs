using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Subtitles.Media;

/// <summary>
/// Refuses sources inside the network of the service: whoever can submit a job could otherwise read what only the service can reach, such
/// as a cloud's metadata.
/// </summary>
/// <remarks>
/// Checked twice: when a job is submitted, for a quick and clear answer, and again at every connect (see <see cref="GuardedHttp"/>), since
/// a name can point elsewhere a moment later.
/// </remarks>
public sealed class SourceAddressGuard(IOptions<MediaOptions> options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private static readonly IPNetwork[] RefusedV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared by carriers; also metadata of some clouds
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("169.254.0.0/16"), // link-local; metadata of most clouds
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments; metadata of some clouds
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // relays of 6to4
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, broadcast
    ];

    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] RefusedV6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments, among them Teredo
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"), // 6to4: wraps any IPv4 address
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>Whether an address is on the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(RefusedV4, network => network.Contains(address)),
            // Everything outside of the global block is local, multicast, reserved or a way to write an IPv4 address.
            AddressFamily.InterNetworkV6 => GlobalV6.Contains(address) && !Array.Exists(RefusedV6, network => network.Contains(address)),
            _ => false,
        };
    }

    /// <summary>Checks that media may be fetched from there, and resolves its host's name to find out.</summary>
    /// <exception cref="SourceAddressException">It may not; the message says why.</exception>
    /// <exception cref="HostLookupException">The name is not known, or no name server answers.</exception>
    public async Task CheckAsync(Uri source, CancellationToken cancellationToken)
    {
        CheckForm(source);
        await ResolveAsync(source.IdnHost, cancellationToken);
    }

    /// <summary>Checks what can be seen without asking a name server.</summary>
    /// <exception cref="SourceAddressException">It is no http(s) address, or holds a user name.</exception>
    public static void CheckForm(Uri source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!source.IsAbsoluteUri || (source.Scheme != Uri.UriSchemeHttp && source.Scheme != Uri.UriSchemeHttps))
            throw new SourceAddressException("A source address starts with http:// or https://.");
        if (source.UserInfo.Length > 0)
            throw new SourceAddressException("A source address must not hold a user name or password: it would be shown with the job.");
    }

    /// <summary>The addresses of a host; every one of them is allowed.</summary>
    /// <exception cref="SourceAddressException">One of its addresses is not allowed.</exception>
    /// <exception cref="HostLookupException">The name is not known, or no name server answers.</exception>
    internal async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        if (IPAddress.TryParse(host, out var literal))
        {
            addresses = [literal];
        }
        else
        {
            try
            {
                addresses = await _resolve(host, cancellationToken);
            }
            catch (SocketException failure)
            {
                throw new HostLookupException(
                    $"The host '{host}' of the source was not found.",
                    isUnknown: failure.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData,
                    failure
                );
            }
        }
        if (addresses.Length == 0)
            throw new HostLookupException($"The host '{host}' of the source was not found.", isUnknown: true);
        if (
            !options.Value.AllowPrivateAddresses
            && !options.Value.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            && !addresses.All(IsPublic)
        )
        {
            throw new SourceAddressException(
                $"The source is at a private address: '{host}' is not on the public internet. Upload the media instead, or ask whoever "
                    + "runs this service to allow the host."
            );
        }
        return addresses;
    }
}
