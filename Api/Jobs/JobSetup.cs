using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>Registers what the job endpoints use.</summary>
internal static class JobSetup
{
    public static void AddJobSubmission(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AddressCheck>();
        builder.Services.AddSingleton<WebhookFields>();
        builder.Services.AddSingleton<JsonSubmission>();
        builder.Services.AddSingleton<UploadSubmission>();
        builder.Services.AddSingleton<SubmitJob>();
        builder.Services.AddSingleton<SubtitleReader>();
        builder.Services.AddSingleton<CueCorrections>();
        builder.Services.AddSingleton<CorrectCue>();
    }
}
