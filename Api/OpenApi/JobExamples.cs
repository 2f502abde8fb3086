using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Api.OpenApi;

/// <summary>What the contract shows as examples.</summary>
internal static class JobExamples
{
    public const string Vtt = "WEBVTT\n\nc0001\n00:00:00.400 --> 00:00:03.120\nEvery viewer sees the same.\n";

    public const string Srt = "1\n00:00:00,400 --> 00:00:03,120\nEvery viewer sees the same.\n";

    public const string Ttml =
        "<tt xmlns=\"http://www.w3.org/ns/ttml\" xml:lang=\"en\"><body><div><p xml:id=\"c0001\" begin=\"00:00:00.400\" "
        + "end=\"00:00:03.120\">Every viewer sees the same.</p></div></body></tt>";

    public const string Playlist =
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXTINF:6.000,\n0.vtt\n";

    public static JsonNode Submit =>
        new JsonObject
        {
            ["source"] = "sample:tour",
            ["language"] = "en",
            ["pace"] = "realtime",
        };

    public static JsonNode Correction => new JsonObject { ["rev"] = 1, ["text"] = "Every viewer sees the same." };

    /// <summary>The form of an upload.</summary>
    public static OpenApiSchema UploadForm =>
        new()
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "media" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["media"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Format = "binary",
                    Description = "Audio or video.",
                },
                ["subtitles"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Format = "binary",
                    Description = "A side file, WebVTT or SubRip: then nothing is transcribed.",
                },
                ["language"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = "The spoken language as a BCP 47 tag, or auto.",
                },
                ["pace"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Enum = ["fast", "realtime"],
                    Default = "fast",
                },
                ["words"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Boolean,
                    Description = "Whether the cues are to say when each word was said.",
                    Default = false,
                },
                ["translate"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Boolean,
                    Description = "Whether the cues are to be in English, whatever is spoken.",
                    Default = false,
                },
                ["webhook"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = "An http(s) address that is told of the job's end.",
                },
                ["webhookSecret"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = "Signs what it is told: 16 to 256 printable characters.",
                },
            },
        };
}
