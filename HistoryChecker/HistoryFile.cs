using System.Text.Json;
using System.Text.Json.Serialization;

namespace HistoryChecker;

/// <summary>Histories as files of JSON lines.</summary>
public static class HistoryFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads a file, line by line.</summary>
    /// <exception cref="FormatException">A line is not of the format; the message says which, and why.</exception>
    public static IEnumerable<HistoryLine> Read(string file)
    {
        var number = 0;
        foreach (var text in File.ReadLines(file))
        {
            number++;
            if (text.Length > 0)
                yield return Parse(text, number);
        }
    }

    /// <summary>A line as text.</summary>
    public static string Format(HistoryLine line) => JsonSerializer.Serialize(line, Json);

    private static HistoryLine Parse(string text, int number)
    {
        HistoryLine? line;
        try
        {
            line = JsonSerializer.Deserialize<HistoryLine>(text, Json);
        }
        catch (JsonException e)
        {
            throw new FormatException($"Line {number}: {e.Message}", e);
        }
        var missing = line switch
        {
            null => "a line",
            { Kind: HistoryKind.Publish, Outcome: null } => "outcome",
            { Kind: HistoryKind.Publish, Ended: null } => "ended",
            { Kind: HistoryKind.Publish or HistoryKind.Delivery, Content: null } => "content",
            { Kind: not HistoryKind.Publish, Reader: null } => "reader",
            { Kind: HistoryKind.Leave, Complete: null } => "complete",
            _ => null,
        };
        return missing is null ? line! : throw new FormatException($"Line {number}: {missing} is missing.");
    }
}
