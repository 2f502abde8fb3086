using Aspire.Hosting;
using Dashboard.Hosting;
using LocalHosting.Processes;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Inspection;

/// <summary>Where the dashboard is to listen: by the variables that Aspire's launch profiles set, else where it is expected or, that being taken, anywhere.</summary>
internal static class DashboardAddresses
{
    private const string PageVariable = "ASPNETCORE_URLS";
    private const string GrpcVariable = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const int PagePort = 15180;
    private const int GrpcPort = 15181;

    /// <exception cref="DistributedApplicationException">A variable names an address that is not one of this machine alone.</exception>
    public static DashboardPorts Choose(IConfiguration configuration) =>
        new(Port(configuration, PageVariable, PagePort), Port(configuration, GrpcVariable, GrpcPort));

    private static int Port(IConfiguration configuration, string variable, int usual)
    {
        if (configuration.GetValue("DcpPublisher:RandomizePorts", false))
        {
            return PortAllocator.Next();
        }

        if (configuration[variable]?.Split(';', StringSplitOptions.RemoveEmptyEntries) is not [var first, ..])
        {
            return PortAllocator.IsFree(usual) ? usual : PortAllocator.Next();
        }

        if (!Uri.TryCreate(first, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp || !address.IsLoopback)
        {
            throw new DistributedApplicationException(
                $"{variable} is '{first}', but the dashboard listens on this machine alone and without TLS: set it to http://localhost:{usual}, for example.");
        }

        return address.Port == 0 || PortAllocator.IsFree(address.Port)
            ? address.Port
            : throw new DistributedApplicationException(
                $"Port {address.Port} (the dashboard, by {variable}) is in use: stop the program that has it, perhaps another run of this app, or change the port in the launch settings.");
    }
}
