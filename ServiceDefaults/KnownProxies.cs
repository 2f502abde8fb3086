using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Whose word is taken for where a call comes from, and whether it came by https.</summary>
public static class KnownProxies
{
    /// <summary>
    /// Believes <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> of proxies on this machine, and of those that <c>Proxies:Known</c>
    /// names as addresses or networks (<c>10.0.0.0/8</c>), once the app calls <c>UseForwardedHeaders</c>. Limits by address, the Secure
    /// mark of cookies and the addresses of a sign-in hang on it.
    /// </summary>
    public static TBuilder AddKnownProxies<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var known = (builder.Configuration.GetSection("Proxies:Known").Get<string[]>() ?? []).Select(Parse).ToArray();
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            foreach (var proxy in known)
                options.KnownIPNetworks.Add(proxy);
        });
        return builder;
    }

    private static System.Net.IPNetwork Parse(string text)
    {
        if (System.Net.IPNetwork.TryParse(text, out var network))
            return network;
        return IPAddress.TryParse(text, out var address)
            ? new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new InvalidOperationException(
                $"Proxies:Known has '{text}', which is neither an IP address nor a network such as 10.0.0.0/8."
            );
    }
}
