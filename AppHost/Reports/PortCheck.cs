using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace AppHost.Reports;

/// <summary>
/// Refuses to start when somebody else listens on a port that a service's launch profile names; the orchestrator would only say that a
/// proxy could not be made.
/// </summary>
internal static class PortCheck
{
    /// <exception cref="DistributedApplicationException">A port is in use; the message says which, and what to do.</exception>
    public static Task RunAsync(DistributedApplicationModel model, IConfiguration configuration)
    {
        if (configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
            return Task.CompletedTask;
        foreach (var resource in model.Resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                if (endpoint.Port is { } port && IsInUse(port))
                {
                    throw new DistributedApplicationException(
                        $"Port {port} (the endpoint '{endpoint.Name}' of '{resource.Name}') is in use. Stop what listens there, or name "
                            + "another port in the launchSettings.json of the project."
                    );
                }
            }
        }
        return Task.CompletedTask;
    }

    private static bool IsInUse(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
    }
}
