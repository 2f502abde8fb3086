using BenchmarkDotNet.Attributes;
using EventStreams.Fanout;

namespace Benchmarks.Micro;

/// <summary>The ring of frames: what an append costs when it is full, and finding a cursor's place in it.</summary>
public class RingBenchmarks
{
    private const int Capacity = 1024;

    private readonly FrameRing _ring = new(Capacity);
    private readonly Frame[] _frames = new Frame[1 << 16];
    private FrameRing _appended = new(Capacity);
    private int _next;

    [GlobalSetup]
    public void Fill()
    {
        for (var i = 0; i < _frames.Length; i++)
            _frames[i] = Samples.Frame(i + 1);
        lock (_ring.Gate)
        {
            _ring.StartRun(Samples.Start, gap: null);
            foreach (var frame in _frames)
                _ring.Append(frame);
        }
        StartAgain();
    }

    [Benchmark]
    public void Append()
    {
        if (_next == _frames.Length)
            StartAgain();
        lock (_appended.Gate)
            _appended.Append(_frames[_next++]);
    }

    [Benchmark]
    public bool Locate()
    {
        lock (_ring.Gate)
            return _ring.TryLocate(_frames[^100].Id, out _);
    }

    [Benchmark]
    public object BatchOfOne()
    {
        lock (_ring.Gate)
            return FrameBatch.Of(_ring, _ring.Head - 1, _ring.Head, int.MaxValue);
    }

    [Benchmark]
    public object BatchOfFifty()
    {
        lock (_ring.Gate)
            return FrameBatch.Of(_ring, _ring.Head - 50, _ring.Head, int.MaxValue);
    }

    private void StartAgain()
    {
        _appended = new FrameRing(Capacity);
        lock (_appended.Gate)
            _appended.StartRun(Samples.Start, gap: null);
        _next = 0;
    }
}
