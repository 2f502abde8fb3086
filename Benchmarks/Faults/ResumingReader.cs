using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Benchmarks.Faults;

/// <summary>A client as a browser is one: it reads a topic, comes back after <c>retry</c> with its last event id, on whichever replica, and
/// writes down what it saw. It judges nothing and drops nothing, unlike
/// <c>EventStreamClient</c>, which would hide from a fault run what a browser would see.</summary>
internal sealed class ResumingReader(HttpClient http, FaultReplicas replicas, string topic)
{
    /// <summary>What stands in <see cref="Seen"/> for a notice of events that are gone.</summary>
    public const int Gap = -1;

    private readonly List<int> _seen = [];
    private string _lastEventId = "";
    private TimeSpan _retry = TimeSpan.FromMilliseconds(500);
    private long _lastEventAt;
    private TimeSpan _stall;

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

    /// <summary>Reads until it is canceled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadStreamAsync(stop);
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
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(replicas.Pick(), $"/streams/{topic}"));
        if (_lastEventId.Length > 0)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", _lastEventId);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        response.EnsureSuccessStatusCode();
        Streams++;
        await using var body = await response.Content.ReadAsStreamAsync(stop);
        using var lines = new StreamReader(body, Encoding.UTF8);
        string? id = null,
            type = null,
            data = null;
        // A block counts when its blank line has come, as the format demands; what was cut off before is forgotten.
        while (await lines.ReadLineAsync(stop) is { } line)
        {
            if (line.Length == 0)
            {
                _lastEventId = id ?? _lastEventId;
                if (data is not null)
                    Take(type, data);
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

    private void Take(string? type, string data)
    {
        switch (type)
        {
            case "stream.gap":
                _seen.Add(Gap);
                break;
            case "number":
                Newest = int.Parse(data, CultureInfo.InvariantCulture);
                _seen.Add(Newest);
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
