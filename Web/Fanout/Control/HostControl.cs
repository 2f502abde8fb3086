using System.Net.Http.Headers;
using System.Text.Json;
using Web.Forwarding;

namespace Web.Fanout.Control;

/// <summary>Has the host of the app do it, where LocalHosting runs it: its address and token come in the environment.</summary>
internal sealed class HostControl : ISystemControl, IDisposable
{
    public const string AddressVariable = "LOCALHOSTING_CONTROL_URL";
    public const string TokenVariable = "LOCALHOSTING_CONTROL_TOKEN";
    private const string Api = "api";
    private const string Redis = "redis";

    // A stop takes as long as the replica's streams need to be closed.
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;

    public HostControl(Uri address, string token)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = CommandLimit };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public string RedisCommand => "Restart Redis";

    public async Task<IReadOnlyList<ApiReplica>?> ListAsync(CancellationToken cancellationToken) =>
        [.. (await ReadAsync(cancellationToken)).Where(replica => replica.Resource == Api).Select(replica => new ApiReplica(NameOf(replica), StateOf(replica)))];

    public Task StopAsync(string replica, CancellationToken cancellationToken) => CommandAsync($"{Api}-{replica}", "stop", cancellationToken);

    public Task StartAsync(string replica, CancellationToken cancellationToken) => CommandAsync($"{Api}-{replica}", "start", cancellationToken);

    public async Task RestartRedisAsync(CancellationToken cancellationToken)
    {
        var redis = (await ReadAsync(cancellationToken)).FirstOrDefault(replica => replica.Resource == Redis && replica.Commands.Count > 0)
            ?? throw new SystemControlException("Redis is not run by this app, so it cannot be restarted from here.");
        await CommandAsync(redis.Id, redis.Commands.Contains("restart") ? "restart" : "start", cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<IReadOnlyList<HostReplica>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _http.GetFromJsonAsync<IReadOnlyList<HostReplica>>("replicas", cancellationToken) ?? [];
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            throw new SystemControlException("The host of the app does not answer.", e);
        }
    }

    private async Task CommandAsync(string id, string command, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.PostAsync($"replicas/{Uri.EscapeDataString(id)}/{command}", null, cancellationToken);
            if (!answer.IsSuccessStatusCode)
                throw new SystemControlException(await ApiProblem.ReadAsync(answer, cancellationToken));
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            throw new SystemControlException("The host of the app does not answer.", e);
        }
    }

    private static bool IsUnavailable(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or JsonException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested;

    private static string NameOf(HostReplica replica) => replica.Id[(Api.Length + 1)..];

    private static string StateOf(HostReplica replica) => replica.State switch
    {
        "Running" => replica.Health == "Healthy" ? "running" : "starting",
        "Starting" or "Waiting" => "starting",
        "Stopping" => "stopping",
        _ => "stopped",
    };

    private sealed record HostReplica(string Id, string Resource, string? State, string? Health, IReadOnlyList<string> Commands);
}
