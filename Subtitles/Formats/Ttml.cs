using System.Text;
using System.Xml;
using Subtitles.Cues;

namespace Subtitles.Formats;

/// <summary>Writes TTML (W3C Timed Text Markup Language 2), as editors and broadcasters take it.</summary>
public static class Ttml
{
    private const string Namespace = "http://www.w3.org/ns/ttml";
    private const string Parameters = "http://www.w3.org/ns/ttml#parameter";
    private const string XmlNamespace = "http://www.w3.org/XML/1998/namespace";

    /// <summary>The file.</summary>
    /// <param name="cues">The cues, in the order of their start.</param>
    /// <param name="language">BCP 47 tag of their language; empty where it is not known.</param>
    public static string Write(IEnumerable<Cue> cues, string language)
    {
        ArgumentNullException.ThrowIfNull(cues);
        var text = new StringBuilder();
        using (
            var xml = XmlWriter.Create(
                text,
                new XmlWriterSettings
                {
                    Indent = true,
                    NewLineChars = "\n",
                    OmitXmlDeclaration = true,
                }
            )
        )
        {
            xml.WriteStartElement("tt", Namespace);
            xml.WriteAttributeString("xml", "lang", XmlNamespace, language);
            xml.WriteAttributeString("ttp", "timeBase", Parameters, "media");
            xml.WriteStartElement("body", Namespace);
            xml.WriteStartElement("div", Namespace);
            foreach (var cue in cues)
                WriteCue(xml, cue);
        }
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{text}\n";
    }

    private static void WriteCue(XmlWriter xml, Cue cue)
    {
        xml.WriteStartElement("p", Namespace);
        xml.WriteAttributeString("xml", "id", XmlNamespace, cue.CueId);
        xml.WriteAttributeString("begin", Timestamp.AppendTo(new StringBuilder(), cue.StartMs, '.').ToString());
        xml.WriteAttributeString("end", Timestamp.AppendTo(new StringBuilder(), cue.EndMs, '.').ToString());
        var isFirst = true;
        foreach (var line in cue.Text.Split('\n'))
        {
            if (!isFirst)
            {
                xml.WriteStartElement("br", Namespace);
                xml.WriteEndElement();
            }
            isFirst = false;
            // What XML cannot hold, such as half a character, is left out.
            xml.WriteString(Sanitize(line));
        }
        xml.WriteEndElement();
    }

    private static string Sanitize(string line)
    {
        var text = new StringBuilder(line.Length);
        foreach (var rune in line.EnumerateRunes())
        {
            if (rune != Rune.ReplacementChar && (rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value)))
                text.Append(rune.ToString());
        }
        return text.ToString();
    }
}
