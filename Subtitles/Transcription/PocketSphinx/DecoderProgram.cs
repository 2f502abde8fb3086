using System.Runtime.InteropServices;

namespace Subtitles.Transcription.PocketSphinx;

/// <summary>Where the program <c>SpeechDecoder</c> is: beside this one, and run by the same runtime.</summary>
internal static class DecoderProgram
{
    private const string Name = "SpeechDecoder";

    /// <summary>Whether the library that it calls is installed, as it is with Debian's package pocketsphinx.</summary>
    public static bool IsLibraryInstalled { get; } = NativeLibrary.TryLoad("libsphinxbase.so.3", out _);

    public static (string Program, string[] Arguments) Find()
    {
        var folder = AppContext.BaseDirectory;
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        // A service that brings its own runtime along has the program in the same form.
        return File.Exists(host) ? (host, [Path.Combine(folder, Name + ".dll")]) : (Path.Combine(folder, Name), []);
    }
}
