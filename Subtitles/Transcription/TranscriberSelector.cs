using Microsoft.Extensions.Options;
using Subtitles.Jobs;

namespace Subtitles.Transcription;

/// <summary>Chooses the engine of a job: the configured one, or by <c>auto</c> the first (in the order of their registration) that can do
/// the work here.</summary>
public sealed class TranscriberSelector(IEnumerable<ITranscriber> transcribers, IOptions<TranscriptionOptions> options)
{
    private readonly IReadOnlyList<ITranscriber> _transcribers = [.. transcribers];
    private readonly string _configured = options.Value.Engine;

    /// <summary>What an engine can do that may be chosen here.</summary>
    public Abilities Abilities
    {
        get
        {
            var candidates = IsAutomatic ? _transcribers : [Find(_configured)!];
            return new Abilities(candidates.Any(t => t.DetectsLanguage), candidates.Any(t => t.Translates));
        }
    }

    private bool IsAutomatic => _configured.Equals(TranscriptionOptions.AutomaticEngine, StringComparison.OrdinalIgnoreCase);

    /// <summary>Chooses.</summary>
    /// <param name="request">The work.</param>
    /// <param name="begunBy">
    /// The engine that has already made cues of this job in an earlier attempt, or null. It must go on: another one would cut its cues
    /// elsewhere, so that some would be missing or twice.
    /// </param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="TranscriptionException">No engine can do it; the message says what to install, to configure or to send.</exception>
    public async Task<ITranscriber> SelectAsync(TranscriptionRequest request, string? begunBy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (begunBy is not null)
        {
            // Another worker may have what this one lacks: worth another attempt.
            var before =
                Find(begunBy)
                ?? throw new TranscriptionException(
                    $"The job was begun by the engine {begunBy}, which this worker does not know.",
                    isTransient: true
                );
            return await FindObstacleAsync(before, request, cancellationToken) is { } gone
                ? throw new TranscriptionException(
                    $"The job was begun by the engine {begunBy}, which cannot go on here. {gone}",
                    isTransient: true
                )
                : before;
        }
        if (!IsAutomatic)
        {
            var chosen = Find(_configured)!;
            return await FindObstacleAsync(chosen, request, cancellationToken) is { } obstacle
                ? throw new TranscriptionException(obstacle)
                : chosen;
        }
        var obstacles = new List<string>();
        foreach (var transcriber in _transcribers)
        {
            if (await FindObstacleAsync(transcriber, request, cancellationToken) is not { } obstacle)
                return transcriber;
            obstacles.Add($"{transcriber.Name}: {obstacle}");
        }
        throw new TranscriptionException($"No engine can make these subtitles here. {string.Join(" ", obstacles)}");
    }

    private static async Task<string?> FindObstacleAsync(
        ITranscriber transcriber,
        TranscriptionRequest request,
        CancellationToken cancellationToken
    )
    {
        var obstacle = await transcriber.FindObstacleAsync(request, cancellationToken);
        return obstacle is null && request.Translate && !transcriber.Translates ? "It does not translate." : obstacle;
    }

    private ITranscriber? Find(string name) => _transcribers.FirstOrDefault(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
