using System.Text;
using EventStreams;
using EventStreams.Wire;

namespace Tests.Unit;

/// <summary>The blocks to the letter, since clients that nobody here wrote take them at it.</summary>
public sealed class SseEncoderTests
{
    [Fact]
    public void The_id_is_the_last_line_and_the_retry_the_first_and_no_block_is_without_data()
    {
        var id = new EventId("e", 7, 0x1f);
        Assert.Equal("event: note\ndata: a\ndata: b\nid: e-7-1f\n\n", Text(SseEncoder.Event(id.ToString(), "note", "a\r\nb"u8)));
        Assert.Equal(
            "retry: 900\nevent: stream.open\ndata: {\"topic\":\"t\",\"replica\":\"r\",\"cursor\":\"e-7-1f\"}\nid: e-7-1f\n\n",
            Text(SseEncoder.Open(id.ToString(), Topic.Parse("t"), "r", 900))
        );
        Assert.Equal(
            "event: stream.gap\ndata: "
                + "{\"reason\":\"future\",\"from\":null,\"to\":null,\"cursor\":\"e-7-1f\",\"snapshot\":null,\"topic\":\"t\"}\nid: "
                + "e-7-1f\n\n",
            Text(SseEncoder.Gap(new StreamGap(StreamGap.Future, null, null, id.ToString(), null, "t")))
        );
        Assert.Equal(
            "retry: 900\nevent: stream.busy\ndata: {\"reason\":\"draining\",\"retry\":900}\n\n",
            Text(SseEncoder.Busy(900, StreamBusy.Draining))
        );
        Assert.Equal("event: stream.seen\ndata: {}\nid: e-7-1f\n\n", Text(SseEncoder.Place(id.ToString())));
    }

    [Fact]
    public void An_event_of_the_type_message_names_none() =>
        Assert.Equal("data: a\nid: e-1\n\n", Text(SseEncoder.Event("e-1", "message", "a"u8)));

    [Fact]
    public void A_heartbeat_ends_no_block() => Assert.Equal(":\n", Text(SseEncoder.Heartbeat));

    private static string Text(byte[] block) => Encoding.UTF8.GetString(block);
}
