namespace Subtitles.Transcription.OpenAi;

/// <summary>
/// The languages as services of this kind name them in their answers: OpenAI by its English name in lower case ("english"), others by a
/// code. The names are those of the Whisper models.
/// </summary>
internal static class LanguageNames
{
    private static readonly Dictionary<string, string> Tags = (
        "afrikaans=af albanian=sq amharic=am arabic=ar armenian=hy assamese=as azerbaijani=az bashkir=ba basque=eu belarusian=be "
        + "bengali=bn bosnian=bs breton=br bulgarian=bg burmese=my "
        + "cantonese=yue castilian=es catalan=ca chinese=zh croatian=hr czech=cs danish=da dutch=nl english=en estonian=et faroese=fo "
        + "finnish=fi flemish=nl french=fr galician=gl georgian=ka german=de "
        + "greek=el gujarati=gu haitian=ht hausa=ha hawaiian=haw hebrew=he hindi=hi hungarian=hu icelandic=is indonesian=id italian=it "
        + "japanese=ja javanese=jv kannada=kn kazakh=kk khmer=km korean=ko "
        + "lao=lo latin=la latvian=lv lingala=ln lithuanian=lt luxembourgish=lb macedonian=mk malagasy=mg malay=ms malayalam=ml "
        + "maltese=mt mandarin=zh maori=mi marathi=mr moldavian=ro mongolian=mn "
        + "myanmar=my nepali=ne norwegian=no nynorsk=nn occitan=oc panjabi=pa pashto=ps persian=fa polish=pl portuguese=pt punjabi=pa "
        + "pushto=ps romanian=ro russian=ru sanskrit=sa serbian=sr shona=sn "
        + "sindhi=sd sinhala=si sinhalese=si slovak=sk slovenian=sl somali=so spanish=es sundanese=su swahili=sw swedish=sv tagalog=tl "
        + "tajik=tg tamil=ta tatar=tt telugu=te thai=th tibetan=bo turkish=tr "
        + "turkmen=tk ukrainian=uk urdu=ur uzbek=uz valencian=ca vietnamese=vi welsh=cy yiddish=yi yoruba=yo"
    )
        .Split(' ')
        .Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);

    /// <summary>The BCP 47 tag of what an answer names; null where that is no language that is known here.</summary>
    public static string? TagOf(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return null;
        if (Tags.TryGetValue(name.Trim(), out var tag))
            return tag;
        tag = LanguageTag.Primary(name.Trim());
        return tag.Length is 2 or 3 && tag.All(char.IsAsciiLetterLower) && !LanguageTag.IsUnknown(tag) ? tag : null;
    }
}
