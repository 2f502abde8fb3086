using System.Diagnostics;
using System.Globalization;
using System.Text;
using HistoryChecker;

namespace Benchmarks.Faults;

/// <summary>
/// A client as a browser is one: it reads a topic, comes back after <c>retry</c> with its last event id, on whichever replica, and writes
/// down what it saw. It judges nothing and drops nothing, unlike <c>EventStreamClient</c>, which would hide from a fault run what a browser
/// would see.
/// </summary>
/// <param name="name">Its name in the history.</param>
/// <param name="topic">What it reads.</param>
/// <param name="http">Its connections.</param>
/// <param name="address">Where its next stream is.</param>
/// <param name="history">Gets what it saw; null for none.</param>
internal sealed class ResumingReader(string name, string topic, HttpClient http, Func<Uri> address, HistoryWriter? history = null)
{
    /// <summary>What stands in <see cref="Seen"/> for a notice of events that are gone.</summary>
    public const int Gap = -1;

    private readonly List<int> _seen = [];
    private string _lastEventId = "";
    private TimeSpan _retry = TimeSpan.FromMilliseconds(500);
    private long _lastEventAt;
    private TimeSpan _stall;
    private volatile CancellationTokenSource? _stream;
    private volatile TaskCompletionSource? _pause;
    private volatile TaskCompletionSource? _absence;

    public string Topic => topic;

    /// <summary>The numbers of the events in the order in which they came, and <see cref="Gap"/> for each notice. To be read when the
    /// reader has ended.</summary>
    public IReadOnlyList<int> Seen => _seen;

    /// <summary>The newest number.</summary>
    public int Newest { get; private set; }

    /// <summary>Whether a stream has been open so far, so that there is a cursor.</summary>
    public bool HasCursor => _lastEventId.Length > 0;

    /// <summary>Streams opened.</summary>
    public int Streams { get; private set; }

    /// <summary>The longest time between two events since this was asked last.</summary>
    public TimeSpan TakeStall()
    {
        var stall = _stall;
        _stall = TimeSpan.Zero;
        return stall;
    }

    /// <summary>Breaks its connection, wherever it is.</summary>
    public void Cut()
    {
        try
        {
            _stream?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It had ended by itself.
        }
    }

    /// <summary>Stops reading; its connection stays open.</summary>
    public void Pause() => _pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Breaks its connection, and does not come back yet.</summary>
    public void Leave()
    {
        _absence = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cut();
    }

    /// <summary>Goes on after <see cref="Pause"/> or <see cref="Leave"/>.</summary>
    public void GoOn()
    {
        var (pause, absence) = (_pause, _absence);
        (_pause, _absence) = (null, null);
        pause?.SetResult();
        absence?.SetResult();
    }

    /// <summary>Reads until it is canceled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var stream = CancellationTokenSource.CreateLinkedTokenSource(stop);
                _stream = stream;
                if (_absence is { } absence)
                    await absence.Task.WaitAsync(stop);
                await ReadStreamAsync(stream.Token);
                await Task.Delay(_retry, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // A replica that died or has not begun to listen: the next attempt finds another.
                await Task.Delay(_retry, CancellationToken.None);
            }
        }
    }

    private async Task ReadStreamAsync(CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address());
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (_lastEventId.Length > 0)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", _lastEventId);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        response.EnsureSuccessStatusCode();
        if (Streams++ == 0)
            history?.Join(name, topic);
        await using var body = await response.Content.ReadAsStreamAsync(stop);
        using var lines = new StreamReader(body, Encoding.UTF8);
        string? id = null,
            type = null,
            data = null;
        // A block counts when its blank line has come, as the format demands; what was cut off before is forgotten.
        while (await lines.ReadLineAsync(stop) is { } line)
        {
            if (_pause is { } pause)
                await pause.Task.WaitAsync(stop);
            if (line.Length == 0)
            {
                _lastEventId = id ?? _lastEventId;
                if (data is not null)
                    Take(id, type, data);
                id = type = data = null;
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                type = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.StartsWith("retry: ", StringComparison.Ordinal))
                _retry = TimeSpan.FromMilliseconds(int.Parse(line.AsSpan(7), CultureInfo.InvariantCulture));
        }
    }

    private void Take(string? id, string? type, string data)
    {
        switch (type)
        {
            case "stream.gap":
                _seen.Add(Gap);
                history?.Gap(name, topic, data);
                break;
            case "number" or null:
                Newest = int.Parse(data, CultureInfo.InvariantCulture);
                _seen.Add(Newest);
                history?.Delivery(name, topic, id, data);
                var now = Stopwatch.GetTimestamp();
                if (_lastEventAt != 0)
                {
                    var stall = Stopwatch.GetElapsedTime(_lastEventAt, now);
                    _stall = stall > _stall ? stall : _stall;
                }
                _lastEventAt = now;
                break;
        }
    }
}
