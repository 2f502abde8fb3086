using System.Text;
using EventStreams;
using EventStreams.Fanout;
using EventStreams.Log;
using EventId = EventStreams.EventId;

namespace Benchmarks.Micro;

/// <summary>Events of the size that the comparison with the peers uses: about 170 bytes on the wire.</summary>
internal static class Samples
{
    private const string Epoch = "abcdefghij";

    public static readonly byte[] Payload = Encoding.UTF8.GetBytes(new string('x', 130));

    public static readonly byte[] Lines = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(new string('x', 32), 4)));

    public static readonly byte[] Entry = Encoding.UTF8.GetBytes(
        $"{Epoch}-1234567-deadbeef {LogEntry.Header("message", DateTimeOffset.UnixEpoch.AddYears(56), traceParent: null)}\n"
            + Encoding.UTF8.GetString(Payload)
    );

    public static readonly EventId Start = new(Epoch, 0);

    public static StreamEvent Event(long offset) =>
        new(new EventId(Epoch, offset, 0xdeadbeef), "message", Payload, DateTimeOffset.UnixEpoch.AddYears(56));

    public static Frame Frame(long offset) => EventStreams.Fanout.Frame.Of(Topic.Parse("bench"), Event(offset), end: null);
}
