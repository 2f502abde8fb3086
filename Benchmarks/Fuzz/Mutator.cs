using System.Text;

namespace Benchmarks.Fuzz;

/// <summary>
/// Makes other inputs of known ones: bytes changed, taken out, put in and repeated, pieces moved between inputs, numbers and words of the
/// formats where they do not belong.
/// </summary>
internal sealed class Mutator(int seed, IReadOnlyList<string> seeds)
{
    private const int MostBytes = 64 * 1024;
    private static readonly string[] TextWords =
    [
        "\n",
        "\r",
        "\r\n\r\n",
        "\0",
        "-->",
        "99999999999999999999",
        "-1",
        "0",
        "data:",
        "id:",
        "\"",
        "{}",
        "null",
        "\uFEFF",
        "\u00E9",
        " ",
        "%",
        "~",
        ".",
    ];

    private static readonly byte[][] Words = [.. TextWords.Select(Encoding.UTF8.GetBytes), [0xFF, 0xFE], [0xF0, 0x9F]];

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _corpus = [.. seeds.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var bytes = new List<byte>(_corpus[_random.Next(_corpus.Count)]);
        for (var i = _random.Next(1, 8); i > 0; i--)
            Mutate(bytes);
        if (bytes.Count > MostBytes)
            bytes.RemoveRange(MostBytes, bytes.Count - MostBytes);
        var made = bytes.ToArray();
        // Some are built upon, so that what they have gathered is mutated further.
        if (_random.Next(50) == 0)
        {
            if (_corpus.Count < 200)
                _corpus.Add(made);
            else
                _corpus[_random.Next(seeds.Count, _corpus.Count)] = made;
        }
        return made;
    }

    private void Mutate(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(_random.Next(1, 20), bytes.Count - at);
        switch (_random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, Words[_random.Next(Words.Length)]);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                var other = _corpus[_random.Next(_corpus.Count)];
                var from = _random.Next(other.Length + 1);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + 40)]);
                break;
            default:
                bytes.InsertRange(at, Enumerable.Repeat((byte)_random.Next(256), _random.Next(1, 300)));
                break;
        }
    }
}
