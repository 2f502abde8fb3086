using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Api.OpenApi;

/// <summary>Describes what the framework cannot see: bodies that are read by hand, streams, headers.</summary>
internal static class EndpointContract
{
    /// <summary>
    /// Maps GET of something that whoever knows its address may read, as a job's has an id that cannot be guessed; and HEAD beside it,
    /// which the contract need not name.
    /// </summary>
    public static RouteHandlerBuilder MapRead(this RouteGroupBuilder group, string pattern, Delegate handler)
    {
        group.MapMethods(pattern, [HttpMethods.Head], handler).AllowAnonymous().ExcludeFromDescription();
        return group.MapGet(pattern, handler).AllowAnonymous();
    }

    /// <summary>A body that is JSON or, where there is a schema for it, a form.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint, JsonNode example, OpenApiSchema form) =>
        endpoint.AddOpenApiOperationTransformer(
            async (operation, context, cancellationToken) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new()
                        {
                            Schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken),
                            Example = example,
                        },
                        ["multipart/form-data"] = new() { Schema = form },
                    },
                };
            }
        );

    /// <summary>A body that is JSON and read by hand.</summary>
    public static RouteHandlerBuilder TakesJson<T>(this RouteHandlerBuilder endpoint, JsonNode example) =>
        endpoint.AddOpenApiOperationTransformer(
            async (operation, context, cancellationToken) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new()
                        {
                            Schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken),
                            Example = example,
                        },
                    },
                };
            }
        );

    /// <summary>A body that is any text.</summary>
    public static RouteHandlerBuilder TakesText(this RouteHandlerBuilder endpoint, string example) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                var text = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    Example = example,
                };
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["text/plain"] = text,
                        ["application/json"] = new() { Example = JsonNode.Parse(example) },
                    },
                };
                return Task.CompletedTask;
            }
        );

    public static RouteHandlerBuilder WithIdempotencyKey(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                Add(
                    operation,
                    new OpenApiParameter
                    {
                        Name = IdempotencyKey.Header,
                        In = ParameterLocation.Header,
                        Description = "1 to 255 printable characters, new for every intent: repeats with the same key do nothing twice.",
                        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                        Example = "4b0b1f7e-2f5c-4c53-9c2e-6f3b9d1f4a10",
                    }
                );
                return Task.CompletedTask;
            }
        );

    /// <summary>The event's type, which is read by hand.</summary>
    public static RouteHandlerBuilder WithEventType(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                Add(
                    operation,
                    Query("event", "The event's type: 1 to 100 letters, digits, '.', '_', ':' or '-'; message where there is none.")
                );
                return Task.CompletedTask;
            }
        );

    /// <summary>The topics, which are read by hand.</summary>
    public static RouteHandlerBuilder WithTopics(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                Add(operation, Query("topic", "A topic; up to 50 of them."));
                return Task.CompletedTask;
            }
        );

    /// <summary>Which page of a topic's history, which is read by hand.</summary>
    public static RouteHandlerBuilder WithHistoryQuery(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                Add(operation, Query("after", "An event id: the events after it."));
                Add(operation, Query("before", "An event id: the events before it; head: the newest."));
                Add(operation, Query("limit", "Events at the most: 1 to 1000, 100 by default."));
                return Task.CompletedTask;
            }
        );

    public static RouteHandlerBuilder ProducesEventStream(this RouteHandlerBuilder endpoint) =>
        endpoint
            .ProducesFile("text/event-stream", StreamText.Example)
            .AddOpenApiOperationTransformer(
                (operation, _, _) =>
                {
                    operation.Responses!["204"] = new OpenApiResponse
                    {
                        Description = "The topic has ended at the cursor: do not come back.",
                    };
                    Add(operation, Query("lastEventId", "The id after which to go on, where the header Last-Event-ID cannot be set."));
                    Add(operation, Query("from", "head: begin after the newest event; state: begin with the newest event of every key."));
                    Add(operation, Query("ticket", "A ticket, in place of other credentials."));
                    Add(operation, Query("presence", "1: be told how many follow (stream.presence); 0: do not count this stream."));
                    return Task.CompletedTask;
                }
            );

    public static RouteHandlerBuilder ProducesFile(this RouteHandlerBuilder endpoint, string contentType, string example) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                operation.Responses ??= [];
                operation.Responses["200"] = new OpenApiResponse
                {
                    Description = "OK",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [contentType] = new()
                        {
                            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                            Example = example,
                        },
                    },
                };
                return Task.CompletedTask;
            }
        );

    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.ProducesProblem(status);
        return endpoint;
    }

    private static OpenApiParameter Query(string name, string description) =>
        new()
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        };

    private static void Add(OpenApiOperation operation, OpenApiParameter parameter) => (operation.Parameters ??= []).Add(parameter);
}
