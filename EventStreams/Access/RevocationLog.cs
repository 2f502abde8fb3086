using System.Globalization;
using EventStreams.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Access;

/// <summary>The revocations in Redis, each with its time; and Redis' time itself.</summary>
internal sealed class RevocationLog(RedisScriptRunner scripts, IOptions<EventStreamsOptions> options, IOptions<StreamAccessOptions> access)
    : IEventStreamControl
{
    public const char TopicKind = 't';
    public const char SubjectKind = 's';

    /// <summary>Stands in front of what was revoked no longer.</summary>
    public const string Lifted = "+";

    private const long Nothing = 1L << 52;

    public Task CloseAsync(Topic topic, CancellationToken cancellationToken = default) =>
        PutAsync(TopicKind, topic.Name, isLifted: false, cancellationToken);

    public Task CloseAsync(string subject, CancellationToken cancellationToken = default) =>
        PutAsync(SubjectKind, Checked(subject), isLifted: false, cancellationToken);

    public Task ReopenAsync(Topic topic, CancellationToken cancellationToken = default) =>
        PutAsync(TopicKind, topic.Name, isLifted: true, cancellationToken);

    public Task ReopenAsync(string subject, CancellationToken cancellationToken = default) =>
        PutAsync(SubjectKind, Checked(subject), isLifted: true, cancellationToken);

    /// <summary>Redis' time, in microseconds since 1970: later than whatever was revoked so far.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time.</exception>
    public async ValueTask<long> NowAsync(CancellationToken cancellationToken) => (await RunAsync("", "", Nothing, cancellationToken)).Now;

    /// <summary>What was revoked, or lifted, after a time.</summary>
    /// <inheritdoc cref="NowAsync" path="/exception"/>
    public ValueTask<(long Now, List<(string Name, long At)> Entries)> ReadAsync(long since) =>
        RunAsync("", "", since, CancellationToken.None);

    private async Task PutAsync(char kind, string name, bool isLifted, CancellationToken cancellationToken)
    {
        var revoked = kind + name;
        var lifted = Lifted + revoked;
        await RunAsync(isLifted ? lifted : revoked, isLifted ? revoked : lifted, Nothing, cancellationToken);
    }

    private async ValueTask<(long Now, List<(string Name, long At)> Entries)> RunAsync(
        string add,
        string remove,
        long since,
        CancellationToken cancellationToken
    )
    {
        var keys = new CommonKeys(options.Value.KeyPrefix);
        var publish = await scripts.IsClusterAsync(cancellationToken) ? "SPUBLISH" : "PUBLISH";
        var reply = (RedisValue[])
            (
                await scripts.RunAsync(
                    RedisScript.Revocations,
                    [keys.Revoked],
                    [
                        add,
                        remove,
                        (long)access.Value.RevocationTimeToLive.TotalMicroseconds,
                        since,
                        publish,
                        keys.RevokedChannel(scripts.Database),
                    ],
                    cancellationToken
                )
            )!;
        var entries = new List<(string Name, long At)>();
        for (var i = 1; i + 1 < reply.Length; i += 2)
            entries.Add(((string)reply[i]!, Number(reply[i + 1])));
        return (Number(reply[0]), entries);
    }

    private static long Number(RedisValue text) => long.Parse((string)text!, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Checked(string subject)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return subject;
    }
}
