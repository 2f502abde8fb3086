using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Opts a client out of what would cut a long answer.</summary>
public static class StreamingHttpClientExtensions
{
    /// <summary>
    /// Adds a named <see cref="HttpClient"/> that may read or forward an answer without an end: service discovery, but no resilience
    /// pipeline (which cuts an attempt after 10 s) and no timeout. Whoever uses it ends a request by its cancellation token.
    /// </summary>
    public static IHttpClientBuilder AddStreamingHttpClient(this IServiceCollection services, string name) =>
        services.AddHttpClient(name).AsStreaming();

    /// <summary>Takes the resilience pipeline and the timeout off a client that reads or forwards streams.</summary>
    public static IHttpClientBuilder AsStreaming(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
#pragma warning disable EXTEXP0001 // Marked as experimental, yet the only way to leave the defaults that ConfigureHttpClientDefaults adds.
        builder.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        return builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);
    }
}
