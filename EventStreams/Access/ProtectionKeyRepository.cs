using System.Diagnostics;
using System.Xml.Linq;
using EventStreams.Redis;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Access;

/// <summary>
/// Keeps the keys of Data Protection in Redis. Replicas that start together would each make a first key, and not know each other's for a
/// day: here one of them makes it, and the others wait for it.
/// </summary>
internal sealed class ProtectionKeyRepository(RedisConnections connections, IOptions<EventStreamsOptions> options) : IXmlRepository
{
    private static readonly TimeSpan CreationLimit = TimeSpan.FromSeconds(10);

    private readonly CommonKeys _keys = new(options.Value.KeyPrefix);

    // The interface is not asynchronous; it is used at the start, and once a day.
    private IDatabase Database => connections.CommandsAsync().GetAwaiter().GetResult().GetDatabase();

    private RedisXmlRepository Elements => new(() => Database, _keys.ProtectionKeys);

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var elements = Elements.GetAllElements();
        var began = Stopwatch.GetTimestamp();
        while (elements.Count == 0 && Stopwatch.GetElapsedTime(began) < CreationLimit)
        {
            if (Database.StringSet(_keys.ProtectionLock, options.Value.ReplicaId, CreationLimit, When.NotExists))
                return Elements.GetAllElements();
            Thread.Sleep(20);
            elements = Elements.GetAllElements();
        }
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName) => Elements.StoreElement(element, friendlyName);
}

/// <summary>Tells apps apart that keep their keys in one place. The framework's own takes the folder that the app lies in, which need not
/// be the same for all replicas.</summary>
internal sealed class ApplicationNameDiscriminator(Microsoft.Extensions.Hosting.IHostEnvironment environment)
    : Microsoft.AspNetCore.DataProtection.Infrastructure.IApplicationDiscriminator
{
    public string Discriminator => environment.ApplicationName;
}
