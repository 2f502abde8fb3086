using Microsoft.Extensions.Hosting;

namespace LocalHosting.Orchestration;

/// <summary>What makes going on senseless, such as a missing tool: the first such error ends the app.</summary>
internal sealed class FatalErrors(IHostApplicationLifetime lifetime)
{
    private string? _first;

    public string? First => _first;

    public void Add(string message)
    {
        if (Interlocked.CompareExchange(ref _first, message, null) is null)
        {
            lifetime.StopApplication();
        }
    }
}
