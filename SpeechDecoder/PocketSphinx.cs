using System.Runtime.InteropServices;

namespace SpeechDecoder;

/// <summary>The functions of libpocketsphinx and libsphinxbase that are used, by the names of their headers.</summary>
internal static partial class PocketSphinx
{
    private const string Library = "libpocketsphinx.so.3";
    private const string Base = "libsphinxbase.so.3";

    [LibraryImport(Library, EntryPoint = "ps_args")]
    public static partial nint GetDefinitions();

    [LibraryImport(Base, EntryPoint = "cmd_ln_parse_r")]
    public static partial nint ParseArguments(nint inherited, nint definitions, int count, nint arguments, int strict);

    [LibraryImport(Library, EntryPoint = "ps_init")]
    public static partial nint Create(nint configuration);

    [LibraryImport(Library, EntryPoint = "ps_free")]
    public static partial int Free(nint decoder);

    [LibraryImport(Library, EntryPoint = "ps_get_logmath")]
    public static partial nint GetLogarithms(nint decoder);

    [LibraryImport(Base, EntryPoint = "logmath_exp")]
    public static partial double Exponentiate(nint logarithms, int value);

    [LibraryImport(Library, EntryPoint = "ps_start_stream")]
    public static partial int StartStream(nint decoder);

    [LibraryImport(Library, EntryPoint = "ps_start_utt")]
    public static partial int StartUtterance(nint decoder);

    [LibraryImport(Library, EntryPoint = "ps_process_raw")]
    public static partial int Process(nint decoder, byte[] samples, nuint count, int noSearch, int fullUtterance);

    [LibraryImport(Library, EntryPoint = "ps_end_utt")]
    public static partial int EndUtterance(nint decoder);

    [LibraryImport(Library, EntryPoint = "ps_seg_iter")]
    public static partial nint GetFirstWord(nint decoder);

    [LibraryImport(Library, EntryPoint = "ps_seg_next")]
    public static partial nint GetNextWord(nint word);

    [LibraryImport(Library, EntryPoint = "ps_seg_word")]
    public static partial nint GetText(nint word);

    [LibraryImport(Library, EntryPoint = "ps_seg_frames")]
    public static partial void GetFrames(nint word, out int first, out int last);

    [LibraryImport(Library, EntryPoint = "ps_seg_prob")]
    public static partial int GetProbability(nint word, nint acoustic, nint language, nint backoff);
}
