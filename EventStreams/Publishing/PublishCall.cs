using System.Buffers.Text;
using System.Text;
using EventStreams.Redis;
using StackExchange.Redis;

namespace EventStreams.Publishing;

/// <summary>An event to be published, with the header of its entry in the log.</summary>
internal readonly record struct OutgoingEvent(EventMessage Message, string Header);

/// <summary>One call of the publish script: a run of events to one topic, and what is demanded of the log.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Events">The events; none where a topic is only ended.</param>
/// <param name="Options">The caller's options; the sequence number is that of the first event.</param>
/// <param name="EndHeader">The header of the <c>stream.end</c>, where the topic is to end.</param>
internal readonly record struct PublishCall(Topic Topic, ReadOnlyMemory<OutgoingEvent> Events, PublishOptions Options, string EndHeader)
{
    private const int FieldsPerEvent = 4;
    private const int FixedFields = 14;

    // Flags of the script.
    private const int Reopens = 1;
    private const int IsInSequence = 2;
    private const int Clears = 4;
    private const int Amends = 8;

    /// <summary>The script's keys.</summary>
    public RedisKey[] Keys(TopicKeys keys)
    {
        var meta = keys.Meta;
        return [meta, keys.Log, keys.State, Options.ProducerId is { } producer ? keys.Producer(producer) : meta, keys.StateOrder];
    }

    /// <summary>The script's arguments.</summary>
    public RedisValue[] Arguments(TopicKeys keys, LogLimits limits, TimeSpan producerTimeToLive, bool isCluster, int databaseNumber)
    {
        var values = new RedisValue[FixedFields + Events.Length * FieldsPerEvent];
        values[0] = EventIds.NewEpoch();
        values[1] = limits.Length;
        values[2] = (long)limits.TimeToLive.TotalMilliseconds;
        values[3] = (long)limits.TimeToLive.TotalMilliseconds * 2;
        values[4] = (long)producerTimeToLive.TotalMilliseconds;
        values[5] = Options.Sequence;
        values[6] = Options.Sequence + Math.Max(0, Events.Length - 1);
        values[7] = Options.FencingToken;
        values[8] =
            (Options.Reopen ? Reopens : 0)
            + (Options.InSequence ? IsInSequence : 0)
            + (Options.Clear ? Clears : 0)
            + (Options.Amend ? Amends : 0);
        values[9] = Options.End || Options.Amend ? EventIds.NewCheck() : "";
        values[10] = Options.End || Options.Amend ? EndHeader : "";
        values[11] = isCluster ? "SPUBLISH" : "PUBLISH";
        values[12] = keys.Channel(databaseNumber);
        values[13] = limits.Bytes;
        for (var i = 0; i < Events.Length; i++)
        {
            var (message, header) = Events.Span[i];
            var at = FixedFields + i * FieldsPerEvent;
            values[at] = Options.ProducerId is { } producer
                ? EventIds.CheckOf(producer, Options.Sequence + i, message)
                : EventIds.NewCheck();
            values[at + 1] = header;
            values[at + 2] = message.Key is { } key ? (message.IsTombstone ? "-" : "+") + key : "";
            values[at + 3] = message.Payload;
        }
        return values;
    }

    /// <summary>Reads the script's answer: a result for each event or, where the topic is only ended, for its end.</summary>
    /// <exception cref="FormatException">This is not what the script answers.</exception>
    public PublishResult[] ParseReply(RedisResult reply)
    {
        ReadOnlySpan<byte> words = (byte[]?)reply ?? throw Malformed();
        var epoch = Encoding.ASCII.GetString(Take(ref words));
        var results = new PublishResult[Math.Max(1, Events.Length)];
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
            if (
                !Utf8Parser.TryParse(Take(ref words), out long offset, out _)
                || !Utf8Parser.TryParse(Take(ref words), out uint check, out _, 'x')
            )
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

    private static FormatException Malformed() =>
        new("The publish script's answer is malformed: another version of it may have been loaded under its name.");
}
