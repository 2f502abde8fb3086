namespace Subtitles.Transcription.Speech;

/// <summary>
/// The time without a cue between two of them, so that a change is seen: two frames, as Netflix's guides ask, at 24 frames a second.
/// Where there is too little room for that, half of it.
/// </summary>
internal static class CueGap
{
    /// <summary>Two frames, rounded up.</summary>
    public const long Ms = 84;

    /// <summary>Gaps below twelve frames are closed.</summary>
    public const long ClosedBelowMs = 500;

    /// <summary>How long a cue may stay that has so much room before the next one.</summary>
    public static long Leave(long roomMs) => roomMs >= 2 * Ms ? roomMs - Ms : (roomMs + 1) / 2;

    /// <summary>How much room a cue had at least that stayed so long: the next one begins no earlier.</summary>
    public static long RoomOf(long stayedMs) => stayedMs >= Ms ? stayedMs + Ms : Math.Max(stayedMs, (2 * stayedMs) - 1);
}
