using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Control;
using LocalHosting.Inspection;

namespace LocalHosting.Orchestration;

/// <summary>Works out the environment variables and the arguments of a replica.</summary>
internal sealed class EnvironmentResolver(TelemetryTarget telemetry, DistributedApplicationExecutionContext context, ControlServer control)
{
    /// <summary>The variables that the app model sets; what it says itself comes last and wins.</summary>
    public async Task<IReadOnlyDictionary<string, string>> VariablesAsync(Replica replica, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, object>();
        if (replica.Resource is ProjectResource)
        {
            AddProjectDefaults(replica, values);
        }

        foreach (var endpoint in replica.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.PortVariable is not null))
        {
            values[endpoint.PortVariable!] = replica.Ports[endpoint.Name].ToString(CultureInfo.InvariantCulture);
        }

        var callback = new EnvironmentCallbackContext(context, replica.Resource, values, cancellationToken);
        foreach (var annotation in replica.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(callback).ConfigureAwait(false);
        }

        var variables = new Dictionary<string, string>();
        foreach (var (name, value) in values)
        {
            if (await TextAsync(value, cancellationToken).ConfigureAwait(false) is { } text)
            {
                variables[name] = text;
            }
        }

        return variables;
    }

    public static async Task<IReadOnlyList<string>> ArgsAsync(Replica replica, CancellationToken cancellationToken)
    {
        var values = new List<object>();
        var callback = new CommandLineArgsCallbackContext(values, replica.Resource, cancellationToken);
        foreach (var annotation in replica.Resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(callback).ConfigureAwait(false);
        }

        var args = new List<string>();
        foreach (var value in values)
        {
            if (await TextAsync(value, cancellationToken).ConfigureAwait(false) is { } text)
            {
                args.Add(text);
            }
        }

        return args;
    }

    private void AddProjectDefaults(Replica replica, Dictionary<string, object> values)
    {
        // The replica's name in telemetry is the one that it has everywhere else.
        values["OTEL_SERVICE_NAME"] = replica.Resource.Name;
        values["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={replica.Suffix}";
        foreach (var (name, value) in telemetry.Variables())
        {
            values[name] = value;
        }

        if (control.Address is { } address)
        {
            values[ControlServer.AddressVariable] = address;
            values[ControlServer.TokenVariable] = control.Token;
        }

        // Lines of many processes share a terminal: one line an entry.
        values["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        values["LOGGING__CONSOLE__FORMATTEROPTIONS__SINGLELINE"] = "true";

        // Their output goes into a pipe, where .NET would leave out the colours; who shows it can take them out again.
        values["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";

        var urls = replica.Resource.Annotations.OfType<EndpointAnnotation>()
            .Where(e => e.UriScheme is "http" or "https")
            .Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.UriScheme}://localhost:{replica.Ports[e.Name]}"))
            .ToList();
        if (urls.Count > 0)
        {
            values["ASPNETCORE_URLS"] = string.Join(';', urls);
        }
    }

    private static async ValueTask<string?> TextAsync(object value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(cancellationToken).ConfigureAwait(false),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(cancellationToken).ConfigureAwait(false),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
