namespace Api.OpenApi;

/// <summary>What the contract says of every event stream.</summary>
internal static class StreamText
{
    public const string Description =
        "A stream of server-sent events, made for EventSource. It begins with stream.open, goes on after the cursor (the header "
        + "Last-Event-ID, else lastEventId; without one with the oldest event held, "
        + "with from=head after the newest, or with from=state with the topic's state in stream.state), tells by stream.gap when history "
        + "is gone, and closes with stream.end. A client that comes back after the end is answered 204; one for whom there is no place is "
        + "answered 200 with a retry in one stream.busy.";

    public const string DescriptionOfSeveral =
        "1 to 50 topics on one connection, each as on a stream of its own; between topics no order is promised. An event's id begins with "
        + "the index of its topic in the request (from 0) and a colon; what follows says for every topic where "
        + "to go on, on any replica that is asked for the same topics in the same order. stream.open names all topics, stream.gap and "
        + "stream.end their own; 204 when all have ended.";

    public const string Example = """
        retry: 1240
        event: stream.open
        data: {"topic":"job:Zx1…","replica":"api-h2k4","cursor":"k3f9-17-5a3c"}
        id: k3f9-17-5a3c

        event: cue
        data: {"cueId":"c0004","rev":1,"state":"final","startMs":9120,"endMs":11480,"text":"Every viewer sees the same."}
        id: k3f9-18-91d0


        """;
}
