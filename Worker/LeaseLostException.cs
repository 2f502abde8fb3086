namespace Worker;

/// <summary>Another worker has the job, or may have it by now: stop, and write nothing.</summary>
internal sealed class LeaseLostException(string message) : Exception(message);
