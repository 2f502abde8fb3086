using System.Text.Json;

namespace Web.Fanout;

/// <summary>The event that the fan-out page publishes.</summary>
/// <param name="Number">Counts the events of a page from 1, without gaps.</param>
/// <param name="At">When it was published, in Unix milliseconds.</param>
internal sealed record Tick(long Number, long At)
{
    /// <summary>Its event type.</summary>
    public const string Type = "tick";

    /// <summary>The number in an event's data; null where there is none.</summary>
    public static long? TryRead(string data)
    {
        try
        {
            return JsonSerializer.Deserialize<Tick>(data, JsonSerializerOptions.Web)?.Number;
        }
        catch (JsonException)
        {
            // Anybody may publish on a topic.
            return null;
        }
    }
}
