using System.Text;
using System.Text.Json;

namespace EventStreams;

/// <summary>An event before it is published.</summary>
/// <param name="Type">The event's type, the SSE <c>event</c> field: 1 to 100 characters of letters, digits, <c>. _ : -</c>. Types that
/// begin with <c>stream.</c> are the library's own.</param>
/// <param name="Payload">UTF-8 text. Line breaks are kept, except that SSE turns CR and CRLF into LF on the wire.</param>
/// <param name="Key">
/// When set, the event becomes the topic's current state for this key: <see cref="IEventLog.ReadStateAsync(Topic, CancellationToken)"/>
/// returns the latest event of every key, whatever was trimmed from the log meanwhile. That is how a snapshot is made that fits a cursor
/// exactly.
/// </param>
public readonly record struct EventMessage(string Type, ReadOnlyMemory<byte> Payload, string? Key = null)
{
    /// <summary>
    /// Whether the event removes its <see cref="Key"/> from the topic's state, in place of setting it. The event itself is published like
    /// any other, so that those who follow the topic can remove what they hold.
    /// </summary>
    public bool IsTombstone { get; init; }

    /// <summary>An event that removes a key from the topic's state.</summary>
    public static EventMessage Tombstone(string type, string key, string payload = "{}") =>
        Text(type, payload, key) with
        {
            IsTombstone = true,
        };

    /// <summary>An event whose payload is text.</summary>
    public static EventMessage Text(string type, string payload, string? key = null) => new(type, Encoding.UTF8.GetBytes(payload), key);

    /// <summary>An event whose payload is a value as JSON, by the web defaults (camel case).</summary>
    public static EventMessage Json<T>(string type, T value, string? key = null) =>
        new(type, JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web), key);
}
