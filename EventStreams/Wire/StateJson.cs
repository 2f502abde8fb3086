namespace EventStreams.Wire;

/// <summary>The data of <c>stream.state</c>.</summary>
internal static class StateJson
{
    /// <summary>Encodes a part: <c>{topic, cursor, first, last, events: [{key, id, type, data}]}</c>.</summary>
    public static byte[] Encode(Topic topic, StatePage page, string cursor) =>
        EventJson.Object(json =>
        {
            json.WriteString("topic"u8, topic.Name);
            json.WriteString("cursor"u8, cursor);
            json.WriteBoolean("first"u8, page.IsFirst);
            json.WriteBoolean("last"u8, page.Next is null);
            json.WriteStartArray("events"u8);
            foreach (var e in page.Events)
            {
                json.WriteStartObject();
                json.WriteString("key"u8, e.Key);
                EventJson.WriteFields(json, e.Id, e.Type, e.Payload);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
}
