using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Web.Fanout;

namespace Web.Components.Parts;

/// <summary>
/// The controls and the figures of the fan-out page. The picture is drawn by the page's own module, which is told of what happened in
/// batches; the figures, which people read, change twice a second.
/// </summary>
public sealed partial class FanoutIsland
{
    private const int MaxRate = 20;
    private const int FirstRate = 2;
    private const int FirstCount = 24;
    private const int FreezeSeconds = 5;
    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FigureInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReplicaInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _gone = new();
    private ElementReference _canvas;
    private FanoutSession? _session;
    private IJSObjectReference? _picture;
    private DotNetObjectReference<FanoutIsland>? _self;
    private Task _work = Task.CompletedTask;
    private IReadOnlyList<ViewerReport> _viewers = [];
    private IReadOnlyList<ApiReplica> _replicas = [];
    private ViewerReport _own = ViewerReport.New(ViewerReport.Window);
    private (double P50, double P99)? _latency;
    private string? _problem;
    private string? _refusal;
    private int _rate;
    private int _count;
    private bool _isBreaking;

    private string Summary =>
        _session is null
            ? "The picture of the system comes with the connection."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Redis in the middle; {_replicas.Count} replicas around it, with {_viewers.Count + 1} viewers; "
                    + $"{_session.Publisher.Published} events published so far."
            );

    /// <summary>All viewers, the window's own included.</summary>
    private IEnumerable<ViewerReport> Everybody => _viewers.Append(_own);

    /// <summary>Events a second to begin with, 0 to 20; 2 where it is missing or no number.</summary>
    [Parameter]
    public string? Rate { get; set; }

    /// <summary>Viewers beside the window's own to begin with, 0 to 50; 24 where it is missing or no number.</summary>
    [Parameter]
    public string? Viewers { get; set; }

    /// <summary>Called by the picture when a viewer in it is clicked.</summary>
    [JSInvokable]
    public void Drop(int viewer) => _session?.Crowd.Drop(viewer);

    /// <summary>Called by the page's module when this window's own stream has reached a replica or lost it, and now and then with what it
    /// has counted.</summary>
    [JSInvokable]
    public void Own(ViewerReport report)
    {
        _session?.Recoveries.Observe(_own, report);
        _own = report;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _work;
        if (_session is not null)
            await _session.DisposeAsync();
        _self?.Dispose();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized() =>
        (_rate, _count) = (Number(Rate, MaxRate, FirstRate), Number(Viewers, FanoutOptions.MaxViewersOfPage, FirstCount));

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _session = CreateSession();
        _self = DotNetObjectReference.Create(this);
        try
        {
            await using var module = await Script.InvokeAsync<IJSObjectReference>("import", _gone.Token, "./" + Assets["fanout-page.js"]);
            _picture = await module.InvokeAsync<IJSObjectReference>("start", _gone.Token, _canvas, _self, _session.Topic);
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The page was left before it was there.
            return;
        }
        await _session.Crowd.ResizeAsync(_count);
        _session.Publisher.SetRate(_rate);
        _work = Task.WhenAll(
            EveryAsync(BatchInterval, ShowAsync),
            EveryAsync(FigureInterval, RenderAsync),
            EveryAsync(ReplicaInterval, ShowReplicasAsync)
        );
        StateHasChanged();
    }

    private async Task EveryAsync(TimeSpan interval, Func<Task> action)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            do await action();
            while (await timer.WaitForNextTickAsync(_gone.Token));
        }
        catch (Exception e)
            when (e is JSDisconnectedException or OperationCanceledException or ObjectDisposedException && _gone.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private async Task ShowAsync()
    {
        if (_session!.Crowd.TakeBatch(_session.Publisher.TakePublished()) is { } batch)
            await _picture!.InvokeVoidAsync("show", _gone.Token, batch);
    }

    private Task RenderAsync()
    {
        _viewers = _session!.Crowd.Reports;
        _replicas = KnownReplicas();
        _latency = _session.Latency.Percentiles();
        _session.Recoveries.Settle(_replicas, _session.IsRedisUp);
        _problem = _refusal ?? _session.Publisher.Problem;
        StateHasChanged();
        return Task.CompletedTask;
    }

    private async Task ShowReplicasAsync()
    {
        await _picture!.InvokeVoidAsync("replicas", _gone.Token, KnownReplicas());
        await _picture!.InvokeVoidAsync("redis", _gone.Token, _session!.IsRedisUp);
    }

    private IReadOnlyList<ApiReplica> KnownReplicas() =>
        _session!.Replicas(Everybody.Where(viewer => viewer.IsOpen).Select(viewer => viewer.Replica).OfType<string>());

    private void SetRate(ChangeEventArgs change)
    {
        _rate = Number(change.Value?.ToString(), MaxRate, _rate);
        _session?.Publisher.SetRate(_rate);
    }

    private async Task ResizeAsync(ChangeEventArgs change)
    {
        _count = Number(change.Value?.ToString(), FanoutOptions.MaxViewersOfPage, _count);
        if (_session is null)
            return;
        await _session.Crowd.ResizeAsync(_count);
        _refusal =
            _session.Crowd.Reports.Count < _count ? "This server has no room for more viewers now. Close other fan-out pages." : null;
        await RenderAsync();
    }

    private Task DrainAsync(ApiReplica replica) =>
        CauseAsync(replica.Name, "was drained", () => _session!.Faults!.DrainAsync(replica.Name, _gone.Token));

    private Task KillAsync(ApiReplica replica) =>
        CauseAsync(replica.Name, "was killed", () => _session!.Faults!.KillAsync(replica.Name, _gone.Token));

    private async Task CutRedisAsync()
    {
        if (await CauseAsync(() => _session!.Faults!.CutRedisAsync(_gone.Token)))
            _session!.Recoveries.Write("Redis closed all Pub/Sub connections. Each replica reads what it missed from the log.");
    }

    /// <summary>
    /// Each replica closes what it has more than the one with the fewest streams. These spread over all of them, so that all have as many
    /// afterwards, as far as chance allows.
    /// </summary>
    private async Task RebalanceAsync()
    {
        var running = _replicas.Where(replica => replica.IsRunning).Select(replica => (replica.Name, Streams: CountOf(replica))).ToList();
        var fewest = running.Select(replica => replica.Streams).DefaultIfEmpty().Min();
        foreach (var (name, streams) in running.Where(replica => replica.Streams > fewest))
            await CauseAsync(
                name,
                "was rebalanced",
                () => _session!.Faults!.ShedAsync(name, (double)(streams - fewest) / streams, _gone.Token)
            );
    }

    private async Task CauseAsync(string replica, string cause, Func<Task> fault)
    {
        _session!.Recoveries.Announce(replica, cause);
        if (!await CauseAsync(fault))
            _session.Recoveries.Announce(replica, null);
    }

    private async Task<bool> CauseAsync(Func<Task> fault)
    {
        _isBreaking = true;
        try
        {
            _refusal = null;
            await fault();
        }
        catch (FaultException e)
        {
            _refusal = e.Message;
        }
        finally
        {
            _isBreaking = false;
        }
        return _refusal is null;
    }

    private int CountOf(ApiReplica replica) => Everybody.Count(viewer => viewer.IsOpen && viewer.Replica == replica.Name);

    private string StreamsOf(ApiReplica replica) =>
        !replica.IsRunning ? "stopped"
        : CountOf(replica) is var streams && streams == 1 ? "1 stream"
        : string.Create(CultureInfo.InvariantCulture, $"{streams} streams");

    private string? Wrong(Func<ViewerReport, long> of) => Everybody.Sum(of) == 0 ? null : "wrong";

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");

    private static string Milliseconds(double? value) =>
        value switch
        {
            null => "–",
            < 1000 => string.Create(CultureInfo.InvariantCulture, $"{value:0} ms"),
            _ => Seconds(TimeSpan.FromMilliseconds(value.Value)),
        };

    // What a browser sends is not trusted to be what the control allows.
    private static int Number(string? text, int most, int otherwise) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 0, most) : otherwise;
}
