using System.Buffers.Text;
using System.Text;
using EventStreams.Log;
using EventStreams.Redis;
using StackExchange.Redis;

namespace EventStreams.Publishing;

/// <summary>One call of the publish script: a run of messages to one topic, and what is demanded of the log.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Messages">The messages, of which <paramref name="Count"/> from <paramref name="Start"/> on are published.</param>
/// <param name="Start">The first one.</param>
/// <param name="Count">How many; none where a topic is only ended.</param>
/// <param name="Demands">The caller's demands; the sequence number is that of the first message.</param>
internal readonly record struct PublishCall(Topic Topic, IReadOnlyList<EventMessage> Messages, int Start, int Count, PublishOptions Demands)
{
    private const int FieldsPerEvent = 4;
    private const int FixedFields = 13;

    // Flags of the script.
    private const int Reopens = 1;
    private const int IsInSequence = 2;
    private const int Clears = 4;
    private const int Amends = 8;

    /// <summary>The script's keys.</summary>
    public RedisKey[] Keys(TopicKeys keys)
    {
        var meta = keys.Meta;
        return [meta, keys.Log, keys.State, Demands.ProducerId is { } producer ? keys.Producer(producer) : meta];
    }

    /// <summary>The script's arguments.</summary>
    public RedisValue[] Arguments(TopicKeys keys, EventStreamsOptions settings, TimeSpan producerTimeToLive, DateTimeOffset now, string? traceParent, bool isCluster, int databaseNumber)
    {
        var values = new RedisValue[FixedFields + Count * FieldsPerEvent];
        values[0] = EventIds.NewEpoch();
        values[1] = settings.MaxLogLength;
        values[2] = (long)settings.LogTimeToLive.TotalMilliseconds;
        values[3] = (long)settings.LogTimeToLive.TotalMilliseconds * 2;
        values[4] = (long)producerTimeToLive.TotalMilliseconds;
        values[5] = Demands.Sequence;
        values[6] = Demands.Sequence + Math.Max(0, Count - 1);
        values[7] = Demands.FencingToken;
        values[8] = (Demands.Reopen ? Reopens : 0) + (Demands.InSequence ? IsInSequence : 0) + (Demands.Clear ? Clears : 0) + (Demands.Amend ? Amends : 0);
        values[9] = Demands.End || Demands.Amend ? EventIds.NewCheck() : "";
        values[10] = Demands.End || Demands.Amend ? LogEntry.Header(StreamEventTypes.End, now, traceParent) : "";
        values[11] = isCluster ? "SPUBLISH" : "PUBLISH";
        values[12] = keys.Channel(databaseNumber);
        for (var i = 0; i < Count; i++)
        {
            var message = Messages[Start + i];
            var at = FixedFields + i * FieldsPerEvent;
            values[at] = Demands.ProducerId is { } producer ? EventIds.CheckOf(producer, Demands.Sequence + i, message) : EventIds.NewCheck();
            values[at + 1] = LogEntry.Header(message.Type, now, traceParent);
            values[at + 2] = message.Key ?? "";
            values[at + 3] = message.Payload;
        }
        return values;
    }

    /// <summary>Reads the script's answer: a result for each message or, where the topic is only ended, for its end.</summary>
    /// <exception cref="FormatException">This is not what the script answers.</exception>
    public PublishResult[] ParseReply(RedisResult reply)
    {
        ReadOnlySpan<byte> words = (byte[]?)reply ?? throw Malformed();
        var epoch = Encoding.ASCII.GetString(Take(ref words));
        var results = new PublishResult[Math.Max(1, Count)];
        for (var i = 0; i < results.Length; i++)
        {
            var outcome = Take(ref words) switch
            {
                [(byte)'p'] => PublishOutcome.Published,
                [(byte)'d'] => PublishOutcome.Duplicate,
                [(byte)'f'] => PublishOutcome.Fenced,
                [(byte)'e'] => PublishOutcome.Ended,
                [(byte)'o'] => PublishOutcome.OutOfOrder,
                _ => throw Malformed(),
            };
            if (!Utf8Parser.TryParse(Take(ref words), out long offset, out _) || !Utf8Parser.TryParse(Take(ref words), out uint check, out _, 'x'))
                throw Malformed();
            results[i] = new PublishResult(outcome, new EventId(epoch, offset, check));
        }
        return results;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        var space = rest.IndexOf((byte)' ');
        var word = space < 0 ? rest : rest[..space];
        rest = space < 0 ? [] : rest[(space + 1)..];
        return word;
    }

    private static FormatException Malformed() => new("The publish script's answer is malformed: another version of it may have been loaded under its name.");
}
