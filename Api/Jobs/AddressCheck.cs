using Api.Problems;
using Subtitles.Media;

namespace Api.Jobs;

/// <summary>Checks addresses that clients name, for a quick and clear answer; whoever connects to one checks it again.</summary>
internal sealed class AddressCheck(SourceAddressGuard guard)
{
    private const int MaxLength = 2048;

    /// <summary>How long a name server may take before a submission is accepted without its word.</summary>
    private static readonly TimeSpan ResolveLimit = TimeSpan.FromSeconds(5);

    /// <summary>The address.</summary>
    /// <exception cref="ApiException">400: it is none, or may not be used.</exception>
    public async Task<Uri> CheckAsync(string text, string refusal, string field, CancellationToken cancellationToken)
    {
        if (text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var address))
            throw ApiException.BadRequest($"{refusal} of up to {MaxLength} characters.", field);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ResolveLimit);
        try
        {
            await guard.CheckAsync(address, limit.Token);
        }
        catch (SourceAddressException refused)
        {
            throw ApiException.BadRequest(refused.Message, field);
        }
        catch (HostLookupException lookup) when (lookup.IsUnknown)
        {
            throw ApiException.BadRequest(lookup.Message, field);
        }
        catch (Exception e)
            when (e is HostLookupException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // No name server answers at the moment. The connect resolves and checks the name again.
        }
        return address;
    }
}
