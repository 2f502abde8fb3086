using System.Globalization;
using Dashboard.Telemetry;

namespace Dashboard.Api;

/// <summary>Reads the parameters of a call; the exception for one that cannot be read says what it should be.</summary>
internal sealed class ApiQuery(IQueryCollection query)
{
    public string? Text(string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    public string Required(string name) => Text(name) ?? throw new ApiQueryException($"The parameter '{name}' is missing.");

    public IReadOnlyList<string> Texts(string name) => [.. query[name].OfType<string>().Where(t => t.Length > 0)];

    public int Number(string name, int fallback, int min, int max)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new ApiQueryException($"The parameter '{name}' is '{text}', but must be a whole number from {min} to {max}.");
    }

    public long Position(string name) => Text(name) is not { } text
        ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ApiQueryException($"The parameter '{name}' is '{text}', but must be a whole number.");

    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        var text => throw new ApiQueryException($"The parameter '{name}' is '{text}', but must be true or false."),
    };

    public T Choice<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
        {
            return default;
        }

        return Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0])
            ? value
            : throw new ApiQueryException($"The parameter '{name}' is '{text}', but must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    public TraceId? Trace(string name) => Text(name) is { } text ? TraceOf(text) : null;

    public SpanId? Span(string name) => Text(name) is { } text
        ? SpanId.Parse(text) ?? throw new ApiQueryException($"'{text}' is not the id of a span: that is 16 hexadecimal digits.")
        : null;

    public IReadOnlyList<AttributeFilter> Filters(string name) =>
        [.. Texts(name).Select(text => AttributeFilter.Parse(text) ?? throw new ApiQueryException(
            $"The parameter '{name}' is '{text}', but must be like name, name=value, name!=value, name~part or name!~part."))];

    public static TraceId TraceOf(string text) =>
        TraceId.Parse(text) ?? throw new ApiQueryException($"'{text}' is not the id of a trace: that is 32 hexadecimal digits.");
}

/// <summary>The call cannot be answered; the message is a sentence for whoever made it.</summary>
internal sealed class ApiQueryException(string message) : Exception(message);
