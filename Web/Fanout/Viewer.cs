using System.Net.Sockets;
using EventStreams.Client;
using Web.Forwarding;

namespace Web.Fanout;

/// <summary>One viewer: a client of the Api like any other, with a connection of its own that can be cut.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SequenceCount _count = new();
    private readonly HttpClient _http;
    private readonly EventStreamClient _client;
    private readonly Action<Viewer, ViewerReport, long?> _changed;
    private readonly Task _work;
    private NetworkStream? _connection;
    private ViewerReport _report;

    /// <summary>Begins to follow a topic, after its newest event.</summary>
    /// <param name="id">Its number on the page.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="endpoints">Makes the connections.</param>
    /// <param name="changed">Told of every change, with the report before it and the number of the event that came, if one did.</param>
    public Viewer(int id, string topic, ApiEndpoints endpoints, Action<Viewer, ViewerReport, long?> changed)
    {
        _changed = changed;
        _report = ViewerReport.New(id);
        _http = new HttpClient(endpoints.CreateHandler(connection => _connection = connection))
        {
            BaseAddress = new Uri(ApiEndpoints.Service),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client = new EventStreamClient(_http);
        _work = FollowAsync(new Uri($"streams/{topic}?from=head", UriKind.Relative));
    }

    public ViewerReport Report => Volatile.Read(ref _report);

    /// <summary>Cuts the connection, as a network does that fails; the viewer comes back by itself.</summary>
    public void Drop()
    {
        try
        {
            _connection?.Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was down already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync(Uri address)
    {
        var options = new FollowOptions { Interrupted = _ => Change("waiting") };
        try
        {
            await foreach (var message in _client.FollowAsync(address, options, _stop.Token))
                Take(message);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The page has enough viewers without this one.
        }
        catch (Exception e) when (e is EventStreamRefusedException or InvalidDataException)
        {
            Change("refused");
        }
    }

    private void Take(StreamMessage message)
    {
        switch (message.Kind)
        {
            case StreamMessageKind.Open:
                Change("open", message.Replica);
                break;
            case StreamMessageKind.Gap:
                _count.StartAnew();
                break;
            case StreamMessageKind.Event when Tick.TryRead(message.Data) is { } number:
                _count.Count(number);
                Change("open", number: number);
                break;
        }
    }

    private void Change(string state, string? replica = null, long? number = null)
    {
        var counters = _client.Counters;
        var before = _report;
        Volatile.Write(
            ref _report,
            new ViewerReport(
                before.Id,
                state,
                replica ?? before.Replica,
                _count.Received,
                _count.Missing,
                _count.Duplicated + counters.Duplicates,
                _count.OutOfOrder,
                counters.Connections
            )
        );
        _changed(this, before, number);
    }
}
