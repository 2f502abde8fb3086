using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Subtitles.Transcription.Embedded;
using Subtitles.Transcription.OpenAi;
using Subtitles.Transcription.PocketSphinx;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription;

/// <summary>Registers the engines.</summary>
public static class TranscriptionExtensions
{
    /// <summary>Adds the engines and <see cref="TranscriberSelector"/>, with their settings from the section <c>Transcription</c>, checked
    /// at the start of the application.</summary>
    public static IHostApplicationBuilder AddTranscription(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services
            .AddOptions<TranscriptionOptions>()
            .BindConfiguration(TranscriptionOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddOptions<OpenAiOptions>().BindConfiguration(OpenAiOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<TranscriptionOptions>, EngineValidation>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MediaTools>();
        services.AddSingleton<OpenAiClient>();
        // The order is that of preference in "auto": what the media brings along before what has to be heard, and what was set up on
        // purpose before a draft.
        services.AddSingleton<ITranscriber, EmbeddedTranscriber>();
        services.AddSingleton<ITranscriber, OpenAiTranscriber>();
        services.AddSingleton<ITranscriber, PocketSphinxTranscriber>();
        services.AddSingleton<TranscriberSelector>();
        return builder;
    }

    private sealed class EngineValidation(IOptions<OpenAiOptions> openAi) : IValidateOptions<TranscriptionOptions>
    {
        private static readonly string[] Known =
        [
            TranscriptionOptions.AutomaticEngine,
            EmbeddedTranscriber.EngineName,
            OpenAiTranscriber.EngineName,
            PocketSphinxTranscriber.EngineName,
        ];

        public ValidateOptionsResult Validate(string? name, TranscriptionOptions options)
        {
            if (!Known.Contains(options.Engine, StringComparer.OrdinalIgnoreCase))
                return ValidateOptionsResult.Fail(
                    $"{TranscriptionOptions.SectionName}:Engine is '{options.Engine}'; it must be one of {string.Join(", ", Known)}."
                );
            return options.Engine.Equals(OpenAiTranscriber.EngineName, StringComparison.OrdinalIgnoreCase) && !openAi.Value.IsConfigured
                ? ValidateOptionsResult.Fail(
                    $"{TranscriptionOptions.SectionName}:Engine is 'openai', but neither {OpenAiOptions.SectionName}:ApiKey nor "
                        + $"{OpenAiOptions.SectionName}:BaseUrl is set."
                )
                : ValidateOptionsResult.Success;
        }
    }
}
