using EventStreams.Log;

namespace EventStreams.Fanout;

/// <summary>A page of the log with its events encoded.</summary>
internal sealed record FramePage(LogPage Page, Frame[] Frames)
{
    public static FramePage Of(LogPage page)
    {
        var frames = new Frame[page.Events.Count];
        for (var i = 0; i < frames.Length; i++)
            frames[i] = Frame.Of(page.Events[i], page.Position.End);
        return new FramePage(page, frames);
    }
}
