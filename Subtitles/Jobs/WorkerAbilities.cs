using EventStreams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>What the workers that are there can do, as they tell it every few seconds: so that Api can refuse what nobody could do. A
/// worker that says nothing for a minute does not count.</summary>
public sealed class WorkerAbilities(IConnectionMultiplexer connection, IOptions<JobsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);

    private const string Work = "work";
    private const string Detect = "detect";
    private const string Translate = "translate";

    private readonly QueueCalls _calls = new(connection, options);

    // A sorted set: abilities by when the last worker that has it will have been silent for too long.
    private readonly RedisKey _key = new JobKeys(options.Value.KeyPrefix).Abilities;

    /// <summary>Tells what a worker can do.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task TellAsync(Abilities abilities, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(abilities);
        var until = (time.GetUtcNow() + TimeToLive).ToUnixTimeMilliseconds();
        string[] names =
        [
            Work,
            .. abilities.DetectsLanguage ? [Detect] : Array.Empty<string>(),
            .. abilities.Translates ? [Translate] : Array.Empty<string>(),
        ];
        return _calls.RunAsync(
            database => database.SortedSetAddAsync(_key, [.. names.Select(n => new SortedSetEntry(n, until))]),
            cancellationToken
        );
    }

    /// <summary>What some worker can do; null while none is there.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async Task<Abilities?> ReadAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var names = await _calls.RunAsync(database => database.SortedSetRangeByScoreAsync(_key, now), cancellationToken);
        return names.Contains(Work) ? new Abilities(names.Contains(Detect), names.Contains(Translate)) : null;
    }
}

/// <summary>What engines can do beside writing down the speech of a language that is named.</summary>
/// <param name="DetectsLanguage">Detect the spoken language.</param>
/// <param name="Translates">Write it down in English.</param>
public sealed record Abilities(bool DetectsLanguage, bool Translates);
