using EventStreams.Fanout;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tests.Unit;

/// <summary>When a replica gives memory back: after a crowd has come, and only while nobody would wait for it.</summary>
public sealed class MemoryReleaseTests
{
    private int _collections;

    [Fact]
    public void Memory_is_released_once_for_a_crowd_and_not_before_it_has_come_to_rest()
    {
        var release = Create(afterStreams: 100);
        foreach (var (opened, delivered) in new[] { (60L, 0L), (120L, 0L), (120L, 5L), (120L, 9L) })
            release.Look(opened, delivered);
        Assert.Equal(0, _collections);
        for (var i = 0; i < 3; i++)
            release.Look(120, 9);
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void The_next_crowd_counts_from_there()
    {
        var release = Create(afterStreams: 100);
        foreach (var (opened, collections) in new[] { (100L, 1), (199L, 1), (200L, 2) })
        {
            release.Look(opened, 0);
            release.Look(opened, 0);
            Assert.Equal(collections, _collections);
        }
    }

    [Fact]
    public void Zero_is_never()
    {
        var release = Create(afterStreams: 0);
        for (var i = 0; i < 3; i++)
            release.Look(1_000_000, 0);
        Assert.Equal(0, _collections);
    }

    private MemoryRelease Create(int afterStreams) => new(afterStreams, () => _collections++, NullLogger.Instance);
}
