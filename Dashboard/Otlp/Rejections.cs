using System.Globalization;
using Dashboard.Otlp.Messages;

namespace Dashboard.Otlp;

/// <summary>What of a request could not be taken, by reason.</summary>
internal sealed class Rejections
{
    private readonly Dictionary<string, long> _counts = [];

    /// <param name="reason">The end of a sentence that begins with a number.</param>
    /// <param name="count">How many.</param>
    public void Add(string reason, long count = 1)
    {
        if (count > 0)
        {
            _counts[reason] = _counts.GetValueOrDefault(reason) + count;
        }
    }

    public ExportResponse Answer()
    {
        var answer = new ExportResponse();
        if (_counts.Count > 0)
        {
            answer.PartialSuccess = new()
            {
                Rejected = _counts.Values.Sum(),
                ErrorMessage = string.Join(' ', _counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value} {c.Key}"))),
            };
        }

        return answer;
    }
}
