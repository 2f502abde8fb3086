using EventStreams;
using Tests.Browser;
using Tests.Fixtures;

namespace Tests.Clients;

/// <summary>
/// One run: three replicas behind nginx behind a network that breaks, a publisher that never rests, and all clients at once. One fault
/// after the other; after each, whoever still follows must have come level again.
/// </summary>
internal sealed class ClientRun(RedisServer redis, Chromium chromium, string npm, Action<string> log) : IAsyncDisposable
{
    private const int Replicas = 3;
    private const int LogLength = 1500;
    private const int Beyond = 500;
    private const int Cuts = 30;
    private static readonly Topic Numbers = Topic.Parse("numbers");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _keyPrefix = RedisServers.CreateKeyPrefix();
    private readonly List<Replica> _replicas = [];
    private readonly int[] _ports = new int[Replicas];
    private readonly CancellationTokenSource _stop = new();
    private Replica _publisher = null!;
    private NginxServer _nginx = null!;
    private CuttingProxy _network = null!;
    private ClientCrowd _crowd = null!;
    private volatile bool _isPaused;
    private int _published;

    /// <summary>Numbers that the clients could not get any more: they were told so instead.</summary>
    public (int From, int To) Trimmed { get; private set; }

    public int Published => Volatile.Read(ref _published);

    /// <summary>Connections of each client while the replicas had no place for it, and after the topic had ended.</summary>
    public Dictionary<string, int> ConnectsWhenFull { get; } = [];

    public Dictionary<string, int> ConnectsAfterEnd { get; } = [];

    public async Task<FollowingClient[]> RunAsync()
    {
        _publisher = await Replica.StartAsync(redis.ConnectionString, _keyPrefix, "publisher", isDirect: true, Configure);
        for (var i = 0; i < Replicas; i++)
        {
            _replicas.Add(await StartAsync(i));
            _ports[i] = _replicas[i].Client.BaseAddress!.Port;
        }
        using (var probe = new CuttingProxy(0))
            _nginx = await NginxServer.StartAsync(probe.Port + 1, _ports, npm);
        _network = new CuttingProxy(_nginx.Port);
        var publishing = PublishAsync();
        _crowd = await ClientCrowd.StartAsync(chromium, _network.Port, $"/streams/{Numbers}", npm);
        await LevelAsync("the beginning", all: true);

        await _replicas[0].DisposeAsync();
        await LevelAsync("a killed replica");
        _replicas[0] = await StartAsync(0);

        await StopAsync(1);
        await LevelAsync("a drain");

        await redis.KillAsync();
        await redis.RestartAsync();
        await LevelAsync("a restart of Redis");

        _network.CutAtRandom(new Random(13));
        await Eventually.HoldsAsync(() => _network.Broken >= Cuts, $"{Cuts} connections have been broken at random");
        _network.CutAtRandom(null);
        await LevelAsync("random cuts");

        await RestartAllAsync(options => options.MaxStreams = 1);
        var before = await _nginx.CountConnectsAsync();
        await Task.Delay(TimeSpan.FromSeconds(5));
        Note(ConnectsWhenFull, before, await _nginx.CountConnectsAsync());
        await RestartAllAsync(null);
        await LevelAsync("full replicas");

        _isPaused = true;
        await LevelAsync("a pause", ahead: 0);
        await StopAllAsync();
        var last = Published;
        Assert.Equal((await _crowd.ReportAsync()).Max(client => client.Newest), last);
        await PublishBatchAsync(LogLength + Beyond);
        Trimmed = (last + 1, last + Beyond);
        for (var i = 0; i < Replicas; i++)
            _replicas[i] = await StartAsync(i);
        // Nothing more is trimmed until all have been told of the same gap.
        await LevelAsync("a gap, with all replicas away", ahead: 0);
        _isPaused = false;
        await LevelAsync("going on behind it");

        await _stop.CancelAsync();
        await publishing;
        await _publisher.Publisher.EndAsync(Numbers);
        await LevelAsync("the last event", ahead: 0);
        await Task.Delay(TimeSpan.FromSeconds(2));
        before = await _nginx.CountConnectsAsync();
        await Task.Delay(TimeSpan.FromSeconds(4));
        Note(ConnectsAfterEnd, before, await _nginx.CountConnectsAsync());
        return await _crowd.ReportAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_crowd is not null)
            await _crowd.DisposeAsync();
        _network?.Dispose();
        if (_nginx is not null)
            await _nginx.DisposeAsync();
        foreach (var replica in _replicas.Append(_publisher))
            await replica.DisposeAsync();
        _stop.Dispose();
    }

    private static void Configure(EventStreamsOptions options)
    {
        options.MaxLogLength = LogLength;
        options.MinRetry = TimeSpan.FromMilliseconds(100);
        options.MaxRetry = TimeSpan.FromMilliseconds(300);
        options.OverloadRetry = TimeSpan.FromSeconds(1);
        options.DrainTime = TimeSpan.FromMilliseconds(500);
    }

    private Task<Replica> StartAsync(int index, Action<EventStreamsOptions>? configure = null) =>
        Replica.StartAsync(
            redis.ConnectionString,
            _keyPrefix,
            $"replica-{index}",
            isDirect: true,
            options =>
            {
                Configure(options);
                configure?.Invoke(options);
            },
            port: _ports[index]
        );

    private async Task StopAsync(int index)
    {
        await _replicas[index].StopAsync();
        await _replicas[index].DisposeAsync();
        _replicas[index] = await StartAsync(index);
    }

    private async Task StopAllAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    private async Task RestartAllAsync(Action<EventStreamsOptions>? configure)
    {
        await StopAllAsync();
        for (var i = 0; i < Replicas; i++)
            _replicas[i] = await StartAsync(i, configure);
    }

    private async Task PublishAsync()
    {
        // A publish while Redis is away is repeated until its outcome is known; its number makes it one event.
        while (!_stop.IsCancellationRequested)
        {
            if (!_isPaused)
                await PublishBatchAsync(1);
            await Task.Delay(30);
        }
    }

    private async Task PublishBatchAsync(int count)
    {
        for (var left = count; left > 0; left -= 100)
        {
            var batch = Enumerable
                .Range(_published + 1, Math.Min(100, left))
                .Select(n => EventMessage.Text("message", $"<i>{n}</i>"))
                .ToArray();
            while (true)
            {
                try
                {
                    var options = new PublishOptions { ProducerId = "numbers", Sequence = _published + 1 };
                    await _publisher.Publisher.PublishAsync(Numbers, batch, options);
                    break;
                }
                catch (EventStreamUnavailableException)
                {
                    await Task.Delay(100);
                }
            }
            Volatile.Write(ref _published, _published + batch.Length);
        }
    }

    private async Task LevelAsync(string after, bool all = false, int ahead = 5)
    {
        var goal = Published + ahead;
        FollowingClient[] clients = [];
        var since = System.Diagnostics.Stopwatch.StartNew();
        do
        {
            await Task.Delay(200);
            clients = await _crowd.ReportAsync();
        } while (since.Elapsed < Patience && Array.Exists(clients, client => client.Newest < goal));
        var behind = clients.Where(client => client.Newest < goal).Select(client => $"{client.Name} ({client.Newest} of {goal})").ToArray();
        log(
            $"{after}: level after {since.Elapsed.TotalSeconds:0.0} s{(behind.Length == 0 ? "" : ", but for " + string.Join(", ", behind))}"
        );
        if (all)
            Assert.Empty(behind);
    }

    private static void Note(Dictionary<string, int> counts, Dictionary<string, int> before, Dictionary<string, int> after)
    {
        foreach (var (name, _) in ClientCrowd.All)
            counts[name] = after.GetValueOrDefault(name) - before.GetValueOrDefault(name);
    }
}
