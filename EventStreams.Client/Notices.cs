using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventStreams.Client;

/// <summary>The events that a server puts on a stream of its own accord.</summary>
internal static class Notices
{
    public const string Open = "stream.open";
    public const string Gap = "stream.gap";
    public const string End = "stream.end";
    public const string State = "stream.state";
    public const string Busy = "stream.busy";
    public const string Seen = "stream.seen";
    public const string Expired = "stream.expired";

    public static GapNotice ReadGap(string data) =>
        Read(Gap, data, NoticeJson.Default.GapNotice) is { Cursor: { Length: > 0 }, Reason: not null } gap
            ? gap
            : throw Unreadable(Gap, null);

    public static StateNotice ReadState(string data) =>
        Read(State, data, NoticeJson.Default.StateNotice) is { Events: not null } state ? state : throw Unreadable(State, null);

    public static OpenNotice ReadOpen(string data) => Read(Open, data, NoticeJson.Default.OpenNotice) ?? throw Unreadable(Open, null);

    private static T? Read<T>(string type, string data, JsonTypeInfo<T> shape)
    {
        try
        {
            return JsonSerializer.Deserialize(data, shape);
        }
        catch (JsonException e)
        {
            throw Unreadable(type, e);
        }
    }

    private static InvalidDataException Unreadable(string type, Exception? inner) =>
        new(
            $"The server's '{type}' could not be read, so it is not known where the stream stands. Does the address belong to an event "
                + "stream of this kind?",
            inner
        );
}

/// <summary>The data of <c>stream.open</c>.</summary>
internal sealed record OpenNotice(string? Replica);

/// <summary>The part of a problem details answer (RFC 9457) that is a sentence.</summary>
internal sealed record ProblemSentence(string? Title, string? Detail);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(GapNotice))]
[JsonSerializable(typeof(OpenNotice))]
[JsonSerializable(typeof(StateNotice))]
[JsonSerializable(typeof(ProblemSentence))]
internal sealed partial class NoticeJson : JsonSerializerContext;
