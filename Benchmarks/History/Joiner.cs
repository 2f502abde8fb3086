using System.Net.Http.Json;
using System.Text.Json;
using EventStreams;

namespace Benchmarks.History;

/// <summary>A client that reads a topic's whole history, from the newest page back to the first event.</summary>
internal sealed class Joiner(HttpClient client, Topic topic, int limit)
{
    /// <summary>Reads all pages, and returns how many requests that took.</summary>
    /// <exception cref="InvalidDataException">Something was missing.</exception>
    public async Task<int> ReadAllAsync(int least, CancellationToken cancellationToken)
    {
        var (requests, events) = (0, 0);
        long? next = null;
        for (var query = $"?before=head&limit={limit}"; query is not null; requests++)
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/streams/{topic}/events{query}", cancellationToken);
            foreach (var e in page.GetProperty("events").EnumerateArray().Reverse())
            {
                var offset = EventStreams.EventId.TryParse(e.GetProperty("id").GetString(), out var id) ? id.Offset : 0;
                if (next is { } expected && offset != expected)
                    throw new InvalidDataException($"The event {offset} stands where {expected} should be.");
                next = offset - 1;
                events++;
            }
            query = page.TryGetProperty("previous", out var previous) ? previous.GetString() : null;
        }
        return next == 0 && events >= least ? requests : throw new InvalidDataException($"Only {events} events were in the history.");
    }
}
