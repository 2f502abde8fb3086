namespace Subtitles.Transcription.OpenAi;

/// <summary>
/// The language of a job's media. Where it is to be detected, pieces are sent one by one until an answer with words tells it; that one
/// holds for all that follow, so that a piece with little speech is not taken for another language. A service that does not tell it detects
/// anew in each piece.
/// </summary>
internal sealed class SpokenLanguage(TranscriptionRequest request) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile bool _isSettled = request.KnownLanguage is not null || request.Translate;
    private volatile string? _language = request.KnownLanguage;

    /// <summary>The language of the cues; null while it is not known.</summary>
    public string? OfCues => request.Translate ? "en" : _language;

    public void Dispose() => _turn.Dispose();

    /// <summary>Has a piece heard.</summary>
    /// <param name="hear">Sends it, with the language, or null for the service to detect it.</param>
    /// <param name="detected">Is given the language, once, before the pieces that follow are sent.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public async Task<OpenAiAnswer> HearAsync(
        Func<string?, Task<OpenAiAnswer>> hear,
        Action<string> detected,
        CancellationToken cancellationToken
    )
    {
        if (_isSettled)
            return await hear(_language);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var answer = await hear(_language);
            if (!_isSettled && !string.IsNullOrWhiteSpace(answer.Text))
            {
                _language = LanguageNames.TagOf(answer.Language);
                _isSettled = true;
                if (_language is { } language)
                    detected(language);
            }
            return answer;
        }
        finally
        {
            _turn.Release();
        }
    }
}
