using System.Text;
using CsCheck;

namespace Tests.Unit.Properties;

/// <summary>Inputs as somebody may send them: words of a format and arbitrary bytes, in any mixture.</summary>
internal static class Bytes
{
    /// <summary>Up to forty pieces, each a word or some bytes.</summary>
    public static Gen<byte[]> Of(params string[] words)
    {
        var word = Gen.OneOf(words).Select(Encoding.UTF8.GetBytes);
        return Gen.OneOf(word, word, Gen.Byte.Array[0, 12]).Array[0, 40].Select(pieces => pieces.SelectMany(piece => piece).ToArray());
    }

    /// <summary>The same as text.</summary>
    public static Gen<string> TextOf(params string[] words) => Of(words).Select(Encoding.UTF8.GetString);
}
