using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Web.Forwarding;

namespace Web.Fanout;

/// <summary>
/// The producer of a fan-out page: publishes numbered events through the Api's public call, one after the other. One that did not get
/// through is tried again under the same idempotency key until it does, so the numbers have neither holes nor
/// repetitions.
/// </summary>
internal sealed class TickPublisher : IAsyncDisposable
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly HttpClient _http;
    private readonly string _topic;
    private readonly string? _key;
    private readonly DeliveryLatency _latency;
    private readonly TimeProvider _time;
    private readonly Task _work;
    private readonly ITimer _timer;
    private List<long> _news = [];
    private long _published;

    public TickPublisher(string topic, ApiEndpoints endpoints, IOptions<FanoutOptions> options, DeliveryLatency latency, TimeProvider time)
    {
        (_topic, _key, _latency, _time) = (topic, options.Value.PublisherKey, latency, time);
        _http = new HttpClient(endpoints.CreateHandler()) { BaseAddress = new Uri(ApiEndpoints.Service), Timeout = CallLimit };
        _timer = time.CreateTimer(_ => PublishOne(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _work = RunAsync();
    }

    /// <summary>Events that Redis has taken.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>Why publishing does not get on; null while it does.</summary>
    public string? Problem { get; private set; }

    /// <summary>Publishes so many events a second from now on; 0 for none.</summary>
    public void SetRate(int perSecond)
    {
        var period = perSecond == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(1.0 / perSecond);
        _timer.Change(period, period);
    }

    /// <summary>Publishes one more event.</summary>
    public void PublishOne()
    {
        // While Redis is away what is wanted does not pile up: the pace is kept, not the sum.
        if (_wanted.CurrentCount < 3)
            _wanted.Release();
    }

    /// <summary>The numbers published since the last call.</summary>
    public IReadOnlyList<long> TakePublished()
    {
        lock (_lock)
        {
            var news = _news;
            _news = [];
            return news;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await _work;
        _http.Dispose();
        _wanted.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            for (var number = 1L; ; number++)
            {
                await _wanted.WaitAsync(_stop.Token);
                _latency.Published(number);
                while (!await TryPublishAsync(number))
                    await Task.Delay(RetryDelay, _time, _stop.Token);
                lock (_lock)
                    _news.Add(number);
                Volatile.Write(ref _published, number);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The page is closed.
        }
    }

    private async Task<bool> TryPublishAsync(long number)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"streams/{_topic}?event={Tick.Type}");
            request.Headers.Add("Idempotency-Key", $"{_topic}-{number}");
            if (_key is not null)
                request.Headers.Add("X-Api-Key", _key);
            var tick = new Tick(number, _time.GetUtcNow().ToUnixTimeMilliseconds());
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(tick, JsonSerializerOptions.Web))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("text/plain") },
            };
            using var answer = await _http.SendAsync(request, _stop.Token);
            Problem = answer.IsSuccessStatusCode ? null : await ApiProblem.ReadAsync(answer, _stop.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException || e is OperationCanceledException && !_stop.IsCancellationRequested)
        {
            Problem = "No replica takes events right now.";
            return false;
        }
    }
}
