using SpeechDecoder;

// Decodes speech as it comes. A process of its own, so that a fault in the library ends nothing but this, and the speech can be decoded
// again by the next one.
//
// Standard input: for each command one byte, S (an utterance begins), A (a 32-bit number of bytes, then so many of 16-bit samples) or E
// (the utterance ends). Standard output: for each A at which the words have changed a line "P", for each E a line "F"; behind the letter,
// for each word, its first and last 10 ms frame within the utterance, how sure it is (0 to 1; 0 in a P), and the word as the dictionary
// spells it.
using var input = new BinaryReader(Console.OpenStandardInput());
await using var output = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n", AutoFlush = true };
using var recognizer = new Recognizer(args);
output.WriteLine("READY");

var last = "";
while (input.BaseStream.ReadByte() is var command and >= 0)
{
    switch ((char)command)
    {
        case 'S':
            last = "";
            recognizer.Begin();
            break;
        case 'A':
            recognizer.Take(input.ReadBytes(input.ReadInt32()));
            var words = recognizer.ReadWords(withConfidence: false);
            if (words != last)
                output.WriteLine("P" + (last = words));
            break;
        case 'E':
            recognizer.End();
            output.WriteLine("F" + recognizer.ReadWords(withConfidence: true));
            break;
        default:
            throw new InvalidDataException($"There is no command {command}.");
    }
}
