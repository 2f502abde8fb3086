using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using Subtitles.Jobs;

namespace Api.OpenApi;

/// <summary>The contract at <c>/openapi/v1.json</c>, and a page to read and try it at <c>/scalar</c>.</summary>
internal static class ContractSetup
{
    public static void AddContract(this WebApplicationBuilder builder)
    {
        // The default reads numbers from text as well, and the contract would say of each that it is one or the other.
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        builder.Services.AddOpenApi(
            "v1",
            options =>
            {
                options.AddDocumentTransformer(
                    (document, _, _) =>
                    {
                        document.Info.Title = "AspireSse subtitles";
                        document.Info.Version = "v1";
                        document.Info.Description =
                            "Submit media, and watch its subtitles appear on a stream of server-sent events that survives the loss of any "
                            + "replica.";
                        // The address that a client used is the right one; a replica knows only its own, behind the proxy.
                        document.Servers = [new() { Url = "/" }];
                        return Task.CompletedTask;
                    }
                );
                options.AddSchemaTransformer(
                    (schema, context, _) =>
                    {
                        // Its converter hides that it is text.
                        if (context.JsonTypeInfo.Type == typeof(JobId))
                            (schema.Type, schema.Pattern) = (JsonSchemaType.String, "^[A-Za-z0-9_-]{22}$");
                        return Task.CompletedTask;
                    }
                );
            }
        );
    }

    public static void MapContract(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        // Everything that the page could ask of other hosts is off: it works offline, and tells nobody.
        app.MapScalarApiReference(options =>
                options
                    .WithTitle("AspireSse subtitles")
                    .DisableDefaultFonts()
                    .DisableTelemetry()
                    .DisableAgent()
                    .DisableMcp()
                    .HideDeveloperTools()
            )
            .AllowAnonymous();
    }
}
