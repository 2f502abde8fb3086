using System.Collections.Concurrent;
using System.Net;
using Web.Forwarding;

namespace Web.Fanout;

/// <summary>
/// Knows which replicas of the Api answer, without anybody's list of them: it makes a connection five times a second, and the balancer
/// distributes these over the replicas. Runs while a page uses it.
/// </summary>
internal sealed class ReplicaWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RedisInterval = TimeSpan.FromMilliseconds(500);

    // Of three replicas, one that runs and serves nobody is missed for so long once in 25,000 times; it is shown as stopped for a moment
    // then.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, long> _answered = new();
    private readonly Task _work;

    /// <param name="endpoints">Makes the connections.</param>
    /// <param name="time">The clock.</param>
    /// <param name="asksForRedis">Whether to ask for the state of Redis as well, which replicas tell in Development only.</param>
    public ReplicaWatch(ApiEndpoints endpoints, TimeProvider time, bool asksForRedis)
    {
        _http = new HttpClient(endpoints.CreateHandler()) { BaseAddress = new Uri(ApiEndpoints.Service), Timeout = Fresh };
        _time = time;
        _work = Task.WhenAll(
            EveryAsync(Interval, AskAsync),
            asksForRedis ? EveryAsync(RedisInterval, AskForRedisAsync) : Task.CompletedTask
        );
    }

    /// <summary>Whether Redis answers, by what the replicas say; true where they were not asked or do not answer themselves.</summary>
    public bool IsRedisUp { get; private set; } = true;

    /// <summary>Every replica that was ever seen, by name.</summary>
    /// <param name="serving">Those that a stream is open on right now.</param>
    public IReadOnlyList<ApiReplica> Replicas(IEnumerable<string> serving)
    {
        var now = _time.GetTimestamp();
        foreach (var name in serving)
            _answered[name] = now;
        return
        [
            .. _answered
                .Select(replica => new ApiReplica(replica.Key, _time.GetElapsedTime(replica.Value, now) <= Fresh))
                .OrderBy(replica => replica.Name, StringComparer.Ordinal),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task EveryAsync(TimeSpan interval, Func<Task> ask)
    {
        using var timer = new PeriodicTimer(interval, _time);
        try
        {
            do await ask();
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The page is closed.
        }
    }

    private async Task AskAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("alive", _stop.Token);
            if (answer.Headers.TryGetValues("X-Replica", out var names))
                _answered[names.First()] = _time.GetTimestamp();
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !_stop.IsCancellationRequested)
        {
            // No replica answers; each of them is shown as stopped in a moment.
        }
    }

    private async Task AskForRedisAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("development/redis", _stop.Token);
            IsRedisUp = answer.StatusCode != HttpStatusCode.ServiceUnavailable;
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !_stop.IsCancellationRequested)
        {
            // Nobody could say.
        }
    }
}

/// <summary>A replica of the Api, by the name that it goes by on its streams.</summary>
internal sealed record ApiReplica(string Name, bool IsRunning)
{
    /// <summary>For the page: <c>running</c> or <c>stopped</c>.</summary>
    public string State => IsRunning ? "running" : "stopped";
}
