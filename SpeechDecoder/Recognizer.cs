using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace SpeechDecoder;

/// <summary>A recogniser of libpocketsphinx, with the settings of its command-line programs.</summary>
internal sealed class Recognizer : IDisposable
{
    private readonly nint _decoder;
    private readonly nint _logarithms;

    /// <param name="settings">Names and values, such as <c>-hmm</c> and a folder.</param>
    public Recognizer(IReadOnlyList<string> settings)
    {
        // The library keeps the arguments for as long as it lives.
        var arguments = Marshal.AllocHGlobal((settings.Count + 1) * nint.Size);
        Marshal.WriteIntPtr(arguments, Marshal.StringToCoTaskMemUTF8("speech-decoder"));
        for (var i = 0; i < settings.Count; i++)
            Marshal.WriteIntPtr(arguments, (i + 1) * nint.Size, Marshal.StringToCoTaskMemUTF8(settings[i]));
        var configuration = PocketSphinx.ParseArguments(0, PocketSphinx.GetDefinitions(), settings.Count + 1, arguments, strict: 1);
        _decoder = configuration == 0 ? 0 : PocketSphinx.Create(configuration);
        if (_decoder == 0)
            throw new InvalidOperationException("The recogniser does not take its settings or its model; what it wrote above says why.");
        _logarithms = PocketSphinx.GetLogarithms(_decoder);
    }

    /// <summary>Begins an utterance. Of the one before nothing is kept but its loudness and colour (the cepstral mean).</summary>
    public void Begin()
    {
        Check(PocketSphinx.StartStream(_decoder));
        Check(PocketSphinx.StartUtterance(_decoder));
    }

    public void Take(byte[] samples) =>
        Check(PocketSphinx.Process(_decoder, samples, (nuint)samples.Length / sizeof(short), noSearch: 0, fullUtterance: 0));

    public void End() => Check(PocketSphinx.EndUtterance(_decoder));

    /// <summary>The words so far, or of the utterance that has ended.</summary>
    public string ReadWords(bool withConfidence)
    {
        var words = new StringBuilder();
        // An iterator at its end frees itself.
        for (var word = PocketSphinx.GetFirstWord(_decoder); word != 0; word = PocketSphinx.GetNextWord(word))
        {
            PocketSphinx.GetFrames(word, out var first, out var last);
            var confidence = withConfidence ? PocketSphinx.Exponentiate(_logarithms, PocketSphinx.GetProbability(word, 0, 0, 0)) : 0;
            words.Append(
                CultureInfo.InvariantCulture,
                $" {first} {last} {Math.Clamp(confidence, 0, 1):0.###} {Marshal.PtrToStringUTF8(PocketSphinx.GetText(word))}"
            );
        }
        return words.ToString();
    }

    public void Dispose() => _ = PocketSphinx.Free(_decoder);

    private static void Check(int result)
    {
        if (result < 0)
            throw new InvalidOperationException("The recogniser failed; what it wrote above says why.");
    }
}
