using System.Globalization;

namespace EventStreams.Redis;

/// <summary>Where the instances of an app keep their topics. Two in one place would be one, whose topics mix, with options that
/// contradict each other.</summary>
internal sealed class InstancePlaces
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _places = [];

    /// <summary>Takes a place; false where another instance has it.</summary>
    public bool Take(string? key, EventStreamsOptions options)
    {
        // That an address is missing or wrong is told by another check.
        if (!RedisConfiguration.IsGiven(options) || !RedisConfiguration.IsValid(options))
            return true;
        var configuration = RedisConfiguration.Of(options);
        var servers = string.Join(',', configuration.EndPoints.Select(static server => server.ToString()).Order(StringComparer.Ordinal));
        var place = string.Create(CultureInfo.InvariantCulture, $"{options.KeyPrefix} {configuration.DefaultDatabase ?? 0} {servers}");
        lock (_gate)
        {
            var own = key ?? "";
            _places.Remove(own);
            return !_places.ContainsValue(place) && _places.TryAdd(own, place);
        }
    }
}
