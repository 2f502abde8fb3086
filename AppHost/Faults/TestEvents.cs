using Microsoft.Extensions.DependencyInjection;

namespace AppHost.Faults;

/// <summary>Publishes an event by hand, to see it arrive.</summary>
internal static class TestEvents
{
    public const string Publish = "publish-test-event";

    private const string TopicArgument = "topic";
    private const string TextArgument = "text";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Adds <see cref="Publish"/>, which posts to whichever replica the proxy chooses.</summary>
    public static IResourceBuilder<ProjectResource> WithTestEvents(this IResourceBuilder<ProjectResource> api) =>
        api.WithCommand(
            Publish,
            "Publish a test event",
            context => PublishAsync(api.Resource, context),
            new CommandOptions
            {
                Description = "Publishes an event to a topic. Follow it with curl -N on /streams/TOPIC.",
                IconName = "Send",
                UpdateState = ReplicaFaults.WhileItRuns,
                Arguments =
                [
                    new InteractionInput
                    {
                        Name = TopicArgument,
                        Label = "Topic",
                        InputType = InputType.Text,
                        Value = "news",
                        Required = true,
                    },
                    new InteractionInput
                    {
                        Name = TextArgument,
                        Label = "Text",
                        InputType = InputType.Text,
                        Value = "Hello from the dashboard",
                        Required = true,
                    },
                ],
            }
        );

    private static async Task<ExecuteCommandResult> PublishAsync(ProjectResource api, ExecuteCommandContext context)
    {
        using var http = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        http.Timeout = Limit;
        var topic = context.Arguments.GetString(TopicArgument)!;
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            $"{api.GetEndpoint("http").Url}/streams/{Uri.EscapeDataString(topic)}?event=test"
        )
        {
            Content = new StringContent(context.Arguments.GetString(TextArgument)!),
        };
        try
        {
            using var answer = await http.SendAsync(request, context.CancellationToken);
            var body = await answer.Content.ReadAsStringAsync(context.CancellationToken);
            return answer.IsSuccessStatusCode ? CommandResults.Success($"{topic}: {body}") : CommandResults.Failure(body);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !context.CancellationToken.IsCancellationRequested)
        {
            return CommandResults.Failure($"No replica of api answers: {e.Message}");
        }
    }
}
