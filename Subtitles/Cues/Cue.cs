using System.Text.Json.Serialization;

namespace Subtitles.Cues;

/// <summary>Whether a cue may still change.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CueState>))]
public enum CueState
{
    /// <summary>The text may change: a higher <see cref="Cue.Rev"/> of the same cue follows.</summary>
    [JsonStringEnumMemberName("partial")]
    Partial,

    /// <summary>The text is settled.</summary>
    [JsonStringEnumMemberName("final")]
    Final,
}

/// <summary>
/// One subtitle. The highest <see cref="Rev"/> of a <see cref="CueId"/> wins, so a replay is harmless. The id is made by the worker and is
/// stable over attempts.
/// </summary>
/// <param name="CueId">The cue's name within its job.</param>
/// <param name="Rev">1, 2, 3 … for each change of the cue.</param>
/// <param name="State">Whether it may still change.</param>
/// <param name="StartMs">Start in the media, milliseconds.</param>
/// <param name="EndMs">End in the media, milliseconds; above the start.</param>
/// <param name="Text">One or more lines, separated by LF. Plain text: markup is not interpreted.</param>
public sealed record Cue(string CueId, int Rev, CueState State, long StartMs, long EndMs, string Text)
{
    /// <summary>When each word was said; left out where the job did not ask for it or the engine does not tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CueWord>? Words { get; init; }
}

/// <summary>A word of a cue.</summary>
/// <param name="Text">The word.</param>
/// <param name="StartMs">Start in the media, milliseconds.</param>
/// <param name="EndMs">End in the media, milliseconds.</param>
/// <param name="Confidence">How sure the engine is, 0 to 1; left out where it does not tell.</param>
public sealed record CueWord(
    string Text,
    long StartMs,
    long EndMs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Confidence = null
);
