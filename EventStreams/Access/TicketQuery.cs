using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace EventStreams.Access;

/// <summary>A ticket that was taken out of a request's address, where logs and traces would show it.</summary>
internal sealed class TicketQuery
{
    private const string Parameter = "ticket";

    private TicketQuery(string ticket) => Ticket = ticket;

    public string Ticket { get; }

    /// <summary>The request's ticket; null where it has none. From then on it is not part of the request's address any more.</summary>
    public static string? TakeFrom(IFeatureCollection features)
    {
        if (features.Get<TicketQuery>() is { } taken)
            return taken.Ticket;
        if (features.Get<IHttpRequestFeature>() is not { QueryString.Length: > 0 } request || Find(request.QueryString) is not { } ticket)
            return null;
        request.QueryString = Without(request.QueryString);
        var question = request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        if (question >= 0)
            request.RawTarget = string.Concat(request.RawTarget.AsSpan(0, question), request.QueryString);
        features.Set(new TicketQuery(ticket));
        return ticket;
    }

    private static string? Find(string query)
    {
        string? found = null;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (IsTicket(pair))
                found = pair.DecodeValue().ToString();
        }
        return found;
    }

    private static string Without(string query)
    {
        var rest = new StringBuilder();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (!IsTicket(pair))
                rest.Append(rest.Length == 0 ? '?' : '&').Append(pair.EncodedName.Span).Append('=').Append(pair.EncodedValue.Span);
        }
        return rest.ToString();
    }

    // A parameter of that name which is no ticket of ours is the app's own.
    private static bool IsTicket(QueryStringEnumerable.EncodedNameValuePair pair) =>
        pair.DecodeName().Span.Equals(Parameter, StringComparison.OrdinalIgnoreCase)
        && pair.DecodeValue().Span.StartsWith(StreamTickets.Prefix, StringComparison.Ordinal);
}
