using System.Globalization;
using System.Net;
using Web.Forwarding;

namespace Web.Fanout;

/// <summary>Causes the faults of the fan-out page, in Development, by asking the Api for them. Whatever runs the app starts a stopped
/// replica again.</summary>
internal sealed class FaultClient(ApiEndpoints endpoints) : IDisposable
{
    // Each attempt is a connection, and the balancer distributes them at random: of three replicas the right one is missed that often once
    // in 190,000 times.
    private const int MaxAttempts = 30;

    private readonly HttpClient _http = new(endpoints.CreateHandler())
    {
        BaseAddress = new Uri(ApiEndpoints.Service),
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Has a replica close its streams and end.</summary>
    /// <exception cref="FaultException">It was not possible; the message says why.</exception>
    public Task DrainAsync(string replica, CancellationToken cancellationToken) =>
        ReachAsync(replica, "development/stop?", cancellationToken);

    /// <summary>Has a replica end at once, as <c>kill -9</c> does.</summary>
    /// <exception cref="FaultException">It was not possible; the message says why.</exception>
    public Task KillAsync(string replica, CancellationToken cancellationToken) =>
        ReachAsync(replica, "development/kill?", cancellationToken);

    /// <summary>Has a replica close a share of its streams.</summary>
    /// <exception cref="FaultException">It was not possible; the message says why.</exception>
    public Task ShedAsync(string replica, double share, CancellationToken cancellationToken) =>
        ReachAsync(replica, string.Create(CultureInfo.InvariantCulture, $"development/rebalance?share={share}&"), cancellationToken);

    /// <summary>Has Redis answer nobody for some seconds.</summary>
    /// <exception cref="FaultException">It was not possible; the message says why.</exception>
    public Task FreezeRedisAsync(int seconds, CancellationToken cancellationToken) =>
        OrderAsync(string.Create(CultureInfo.InvariantCulture, $"development/redis/freeze?seconds={seconds}"), cancellationToken);

    /// <summary>Has Redis close every connection that subscribes.</summary>
    /// <exception cref="FaultException">It was not possible; the message says why.</exception>
    public Task CutRedisAsync(CancellationToken cancellationToken) =>
        OrderAsync("development/redis/disconnect?type=pubsub", cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task ReachAsync(string replica, string address, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            using var answer = await PostAsync($"{address}replica={Uri.EscapeDataString(replica)}", cancellationToken);
            if (answer.IsSuccessStatusCode)
                return;
            if (answer.StatusCode != HttpStatusCode.Conflict)
                throw new FaultException(await ApiProblem.ReadAsync(answer, cancellationToken));
        }
        throw new FaultException($"The replica {replica} was not reached; it may be gone already.");
    }

    private async Task OrderAsync(string address, CancellationToken cancellationToken)
    {
        using var answer = await PostAsync(address, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new FaultException(await ApiProblem.ReadAsync(answer, cancellationToken));
    }

    private async Task<HttpResponseMessage> PostAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.PostAsync(path, null, cancellationToken);
        }
        catch (Exception e)
            when (e is HttpRequestException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new FaultException("No replica answers right now.", e);
        }
    }
}

/// <summary>A fault could not be caused; the message is a sentence for people.</summary>
internal sealed class FaultException(string message, Exception? inner = null) : Exception(message, inner);
