namespace Subtitles.Jobs;

/// <summary>An owner has as much as one may have; the message says of what.</summary>
public sealed class JobQuotaException(string message) : Exception(message)
{
    /// <summary>Jobs in the queue and at work.</summary>
    public static JobQuotaException OfJobs(int limit) =>
        new($"You have {limit} jobs that have not ended, and no more are taken. Wait for some to end, or cancel them.");

    /// <summary>Stored bytes.</summary>
    public static JobQuotaException OfBytes(long limit) =>
        new(
            $"The media of your jobs would take more than {limit} bytes together, and no more are stored. Delete jobs that you do not "
                + "need any more."
        );
}
