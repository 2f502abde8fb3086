using Subtitles.Cues;
using Subtitles.Media;
using Subtitles.Transcription.Speech;

namespace Subtitles.Transcription;

/// <summary>An engine that turns media into cues.</summary>
public interface ITranscriber
{
    /// <summary>The engine's name as <c>Transcription:Engine</c> and <c>job.started</c> show it: <c>openai</c>, <c>pocketsphinx</c>,
    /// <c>embedded</c>.</summary>
    string Name { get; }

    /// <summary>Whether it can be told to detect the spoken language, as it is set up.</summary>
    bool DetectsLanguage => false;

    /// <summary>Whether it can write down in English what is spoken in another language, as it is set up.</summary>
    bool Translates => false;

    /// <summary>The language that is spoken, as far as it is known before the work; null where the work is to show it.</summary>
    Task<string?> FindLanguageAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(request.KnownLanguage);

    /// <summary>
    /// Whether the engine can do this work here: null when it can, else one sentence that says what to install, to configure or to send.
    /// Looks at what is installed and at the media's header, and does no transcribing.
    /// </summary>
    Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the cues, in the order of their start, from <see cref="TranscriptionRequest.ResumeAfter"/> on. Repeatable: the same media
    /// gives the same cues, so that another worker goes on where one has died. Progress is in the updates.
    /// </summary>
    /// <exception cref="TranscriptionException">The media cannot be used; the message is for the person who sent it.</exception>
    IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(TranscriptionRequest request, CancellationToken cancellationToken);
}

/// <summary>The media and what to do with it.</summary>
/// <param name="MediaPath">A local file; empty where there is a <see cref="Playlist"/> or <see cref="Live"/> media.</param>
/// <param name="SideFilePath">A subtitle side file (WebVTT or SRT), or null.</param>
/// <param name="Language">BCP 47 tag of the spoken language; <c>auto</c> where it is to be detected.</param>
/// <param name="ResumeAfter">What is already durable and is not to be made again.</param>
public sealed record TranscriptionRequest(string MediaPath, string? SideFilePath, string Language, ResumePoint ResumeAfter = default)
{
    /// <summary>A playlist that is heard from where it is, instead of <see cref="MediaPath"/>; or null.</summary>
    public Playlist? Playlist { get; init; }

    /// <summary>Media that is sent while it is made, instead of <see cref="MediaPath"/>; or null.</summary>
    public LiveMedia? Live { get; init; }

    /// <summary>Whether final cues are to say when each word was said.</summary>
    public bool HasWords { get; init; }

    /// <summary>Whether nobody named a language: an engine that cannot detect it takes its own.</summary>
    public bool IsLanguageOpen { get; init; }

    /// <summary>Whether the cues are to be in English, whatever is spoken.</summary>
    public bool Translate { get; init; }

    /// <summary>The spoken language; null where it is to be detected.</summary>
    public string? KnownLanguage => LanguageTag.IsAutomatic(Language) ? null : Language;

    /// <summary>Whether the media is being made while it is heard: cues should come as soon as they can.</summary>
    public bool IsLive => Live is not null || IsPassing;

    /// <summary>Whether what is not heard now cannot be heard later.</summary>
    public bool IsPassing => SideFilePath is null && Playlist is { IsLive: true };
}

/// <summary>
/// Where an earlier attempt by the same engine ended. All values describe the same place: an engine that has all cues at hand counts them
/// (they may overlap, so time alone could lose one), and an engine that works its way through the sound goes by time (its cues do not
/// overlap).
/// </summary>
/// <param name="Cues">The number of final cues that are durable.</param>
/// <param name="StartMs">The beginning of the last of them; 0 for a fresh start.</param>
/// <param name="EndMs">The end of the last of them; 0 for a fresh start.</param>
public readonly record struct ResumePoint(int Cues, long StartMs, long EndMs)
{
    /// <summary>Up to where what was said belongs to durable cues. A cue may end before its last word does, for the gap before the next
    /// one.</summary>
    public long SaidUntilMs => StartMs + CueGap.RoomOf(EndMs - StartMs);
}

/// <summary>A step of the work: progress, a cue, or both.</summary>
/// <param name="Stage"><c>decode</c> or <c>transcribe</c>.</param>
/// <param name="Percent">Of the whole media, 0 to 100.</param>
/// <param name="Cue">A cue's times, text and state without id and revision, which the caller gives; null for mere progress.</param>
public sealed record TranscriptionUpdate(string Stage, double Percent, TranscribedCue? Cue = null)
{
    /// <summary>BCP 47 tag of the spoken language, once it is detected: in an update before the first final cue.</summary>
    public string? Language { get; init; }
}

/// <summary>
/// A cue as the engine made it. A partial one is an earlier form of the next final one; a partial one without text takes back the one
/// before: what sounded like words were none.
/// </summary>
public sealed record TranscribedCue(CueState State, long StartMs, long EndMs, string Text)
{
    /// <summary>The words, where <see cref="TranscriptionRequest.HasWords"/> asks for them and the engine knows their times; else
    /// null.</summary>
    public IReadOnlyList<CueWord>? Words { get; init; }
}

/// <summary>The media or the settings cannot be used; the message says what to do. Trying again does not help unless
/// <see cref="IsTransient"/>.</summary>
public sealed class TranscriptionException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TranscriptionException(string message, bool isTransient, Exception? inner = null)
        : base(message, inner) => IsTransient = isTransient;

    /// <summary>Creates the exception.</summary>
    public TranscriptionException()
        : this("The media cannot be transcribed.", false) { }

    /// <summary>Creates the exception.</summary>
    public TranscriptionException(string message)
        : this(message, false) { }

    /// <summary>Creates the exception.</summary>
    public TranscriptionException(string message, Exception inner)
        : this(message, false, inner) { }

    /// <summary>Whether another attempt may succeed.</summary>
    public bool IsTransient { get; }
}
