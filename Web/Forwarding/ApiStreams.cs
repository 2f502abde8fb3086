using EventStreams.Client;

namespace Web.Forwarding;

/// <summary>The Api's event streams for this service's own use, each on a connection of its own.</summary>
internal sealed class ApiStreams(ApiEndpoints endpoints) : IDisposable
{
    // A stream has no end; the client itself notices a connection that is dead.
    private readonly HttpClient _http = new(endpoints.CreateHandler())
    {
        BaseAddress = new Uri(ApiEndpoints.Service),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>A client with counters of its own.</summary>
    public EventStreamClient CreateClient() => new(_http);

    public void Dispose() => _http.Dispose();
}
