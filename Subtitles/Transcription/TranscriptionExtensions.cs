using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Subtitles.Transcription.Embedded;
using Subtitles.Transcription.PocketSphinx;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription;

/// <summary>Registers the engines.</summary>
public static class TranscriptionExtensions
{
    /// <summary>Adds the engines and <see cref="TranscriberSelector"/>, with their settings from the section <c>Transcription</c>, checked at the start of the application.</summary>
    public static IHostApplicationBuilder AddTranscription(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<TranscriptionOptions>().BindConfiguration(TranscriptionOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<TranscriptionOptions>, EngineNameValidation>();
        services.AddSingleton<MediaTools>();
        // The order is that of preference in "auto": what the media brings along before what has to be heard.
        services.AddSingleton<ITranscriber, EmbeddedTranscriber>();
        services.AddSingleton<ITranscriber, PocketSphinxTranscriber>();
        services.AddSingleton<TranscriberSelector>();
        return builder;
    }

    private sealed class EngineNameValidation : IValidateOptions<TranscriptionOptions>
    {
        private static readonly string[] Known = [TranscriptionOptions.AutomaticEngine, EmbeddedTranscriber.EngineName, PocketSphinxTranscriber.EngineName];

        public ValidateOptionsResult Validate(string? name, TranscriptionOptions options) =>
            Known.Contains(options.Engine, StringComparer.OrdinalIgnoreCase)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"{TranscriptionOptions.SectionName}:Engine is '{options.Engine}'; it must be one of {string.Join(", ", Known)}.");
    }
}
