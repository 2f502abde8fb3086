using System.Globalization;
using Dashboard.Resources;

namespace Dashboard.Components.Live;

/// <summary>Gives each process a colour of its own, the same on all pages for as long as the app runs.</summary>
public sealed class ResourceColors(IResourceSource source)
{
    private const int Hues = 12;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The style class of a process.</summary>
    public string ClassOf(string id)
    {
        lock (_lock)
        {
            if (!_numbers.ContainsKey(id))
            {
                // In the order of the app model, so that neighbours differ and a run looks like the last one.
                foreach (var replica in source.Replicas)
                {
                    _numbers.TryAdd(replica.Id, _numbers.Count);
                }

                _numbers.TryAdd(id, _numbers.Count);
            }

            return string.Create(CultureInfo.InvariantCulture, $"hue hue-{_numbers[id] % Hues}");
        }
    }
}
