namespace Api.Hosting;

/// <summary>Kestrel's settings for thousands of connections that live long and say little.</summary>
internal static class KestrelForStreams
{
    public static void ConfigureForStreams(this IWebHostBuilder host)
    {
        host.ConfigureKestrel(kestrel =>
        {
            // A stream may be silent for long, and a client may be slow for a while; the stream's own limit ends one that is stuck.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.AddServerHeader = false;
        });
        // When a replica goes, its clients come to the others all at once; with the default of 512 they wait for repeated SYNs.
        host.UseSockets(sockets => sockets.Backlog = 4096);
    }
}
