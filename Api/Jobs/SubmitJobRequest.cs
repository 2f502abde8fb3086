using System.ComponentModel;

namespace Api.Jobs;

/// <summary>What a job is to do.</summary>
/// <param name="Source"><c>sample:NAME</c>, the http(s) address of the media, or <c>live</c> for media that is sent while it is
/// made.</param>
/// <param name="Language">The spoken language as a BCP 47 tag, or <c>auto</c>. Left out, it is detected where an engine can; else it is the
/// engine's own.</param>
/// <param name="Pace"><c>fast</c> as the engine makes the cues, or <c>realtime</c> no earlier than their place in the media.</param>
/// <param name="Title">A name for people; by default that of the sample or the file.</param>
/// <param name="Words">Whether the cues are to say when each word was said, where the engine knows.</param>
/// <param name="Translate">Whether the cues are to be in English, whatever is spoken; for engines that translate.</param>
/// <param name="Webhook">An http(s) address that is told of the job's end.</param>
/// <param name="WebhookSecret">Signs what it is told: <c>whsec_</c> and 24 to 64 bytes in base64.</param>
internal sealed record SubmitJobRequest(
    string? Source,
    string? Language = null,
    [property: DefaultValue("fast")] string? Pace = null,
    string? Title = null,
    bool Words = false,
    bool Translate = false,
    string? Webhook = null,
    string? WebhookSecret = null
);
