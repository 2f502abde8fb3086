using System.Globalization;

namespace Dashboard.Otlp;

/// <summary>A request, or what it becomes when it is unpacked, is larger than it may be.</summary>
internal sealed class RequestTooLargeException(int limit)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"The request is larger than {limit} bytes: send smaller batches, or raise Dashboard:MaxRequestBytes."));
