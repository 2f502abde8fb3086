using System.Text;
using Subtitles.Media;

namespace Tests.Unit.Media;

public sealed class MediaFormatTests
{
    [Theory]
    [InlineData("1A45DFA39F4286810142F7810142F2810442F381084282847765626D", ".webm")]
    [InlineData("1A45DFA3934282886D6174726F736B61", ".mkv")]
    [InlineData("0000001C667479706D703432", ".mp4")]
    [InlineData("0000001466747970717420 20", ".mov")]
    [InlineData("52494646FFFFFFFF57415645", ".wav")]
    [InlineData("52494646FFFFFFFF41564920", ".avi")]
    [InlineData("4F67675300", ".ogg")]
    [InlineData("664C6143", ".flac")]
    [InlineData("49443304", ".mp3")]
    [InlineData("FFFB9064", ".mp3")]
    [InlineData("FFF15080", ".aac")]
    public void Tells_media_by_its_first_bytes(string head, string extension) =>
        Assert.Equal(extension, MediaFormat.DetectMedia(Convert.FromHexString(head.Replace(" ", "", StringComparison.Ordinal))));

    [Fact]
    public void Tells_a_transport_stream_by_its_packets()
    {
        var head = new byte[MediaFormat.HeadLength];
        head[0] = head[188] = head[376] = 0x47;
        Assert.Equal(".ts", MediaFormat.DetectMedia(head));
        head[188] = 0;
        Assert.Null(MediaFormat.DetectMedia(head));
    }

    [Theory]
    [InlineData("")]
    [InlineData("R")]
    [InlineData("<html>")]
    [InlineData("#!/bin/sh")]
    [InlineData("#EXTM3U\nhttp://10.0.0.1/")]
    [InlineData("ffconcat version 1.0\nfile /etc/passwd")]
    [InlineData("RIFF0000WEBP")]
    [InlineData("%PDF-1.7")]
    public void Takes_nothing_else_for_media(string head) => Assert.Null(MediaFormat.DetectMedia(Encoding.ASCII.GetBytes(head)));

    [Theory]
    [InlineData("WEBVTT", ".vtt")]
    [InlineData("\uFEFFWEBVTT - a title\n\n", ".vtt")]
    [InlineData("WEBVTTX", null)]
    [InlineData("1\n00:00:01,000 --> 00:00:02,000\nHello\n", ".srt")]
    [InlineData("Hello", null)]
    [InlineData("", null)]
    [InlineData("RIFF\0 --> ", null)]
    public void Tells_side_files(string head, string? extension) =>
        Assert.Equal(extension, MediaFormat.DetectSideFile(Encoding.UTF8.GetBytes(head)));
}
