using System.Net;
using Web.Forwarding;

namespace Web.Fanout.Control;

/// <summary>Asks the Api to do it to itself, where the app's host takes no commands from services, as Aspire's does not. What was stopped is started again from the host's dashboard.</summary>
internal sealed class SelfControl(ApiEndpoints endpoints) : ISystemControl, IDisposable
{
    // Each attempt is a connection, and the balancer deals them out by chance: with three replicas the right one is missed that often once in 190,000 times.
    private const int MaxAttempts = 30;

    private readonly HttpClient _http = new(endpoints.CreateHandler()) { BaseAddress = new Uri(ApiEndpoints.Service), Timeout = TimeSpan.FromSeconds(10) };

    public string RedisCommand => "Cut all connections to Redis";

    public Task<IReadOnlyList<ApiReplica>?> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ApiReplica>?>(null);

    public async Task StopAsync(string replica, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            using var answer = await PostAsync($"development/stop?replica={Uri.EscapeDataString(replica)}", cancellationToken);
            if (answer.IsSuccessStatusCode)
                return;
            if (answer.StatusCode != HttpStatusCode.Conflict)
                throw new SystemControlException(await ApiProblem.ReadAsync(answer, cancellationToken));
        }
        throw new SystemControlException($"The replica {replica} was not reached; it may be gone already.");
    }

    public Task StartAsync(string replica, CancellationToken cancellationToken) =>
        throw new SystemControlException("A replica that was stopped is started again from the dashboard of the app's host.");

    public async Task RestartRedisAsync(CancellationToken cancellationToken)
    {
        using var answer = await PostAsync("development/redis/disconnect", cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new SystemControlException(await ApiProblem.ReadAsync(answer, cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> PostAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.PostAsync(path, null, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new SystemControlException("No replica answers right now.", e);
        }
    }
}
