using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AppHost.Faults;

/// <summary>What can be done to Redis, beside stopping and restarting it.</summary>
internal static class RedisFaults
{
    /// <summary>Redis answers nothing for some seconds.</summary>
    public const string Freeze = "freeze";

    /// <summary>Redis closes every connection that subscribes.</summary>
    public const string CutSubscribers = "cut-subscribers";

    private const string SecondsArgument = "seconds";
    private const int MaxSeconds = 60;

    /// <summary>
    /// Adds <see cref="Freeze"/> and <see cref="CutSubscribers"/>. A resource without a life of its own, such as a connection string, gets
    /// them too.
    /// </summary>
    public static IResourceBuilder<IResourceWithConnectionString> WithRedisFaults(
        this IResourceBuilder<IResourceWithConnectionString> redis
    ) =>
        redis
            .WithCommand(
                Freeze,
                "Freeze",
                context => FreezeAsync(redis.Resource, context),
                new CommandOptions
                {
                    Description = "Redis answers nothing for some seconds, as when its machine is overloaded or its disk is slow.",
                    IconName = "WeatherSnowflake",
                    IsHighlighted = true,
                    UpdateState = ReplicaFaults.WhileItRuns,
                    Arguments =
                    [
                        new InteractionInput
                        {
                            Name = SecondsArgument,
                            Label = "Seconds",
                            InputType = InputType.Number,
                            Value = "5",
                            Required = true,
                        },
                    ],
                    ValidateArguments = ValidateSeconds,
                }
            )
            .WithCommand(
                CutSubscribers,
                "Cut Pub/Sub connections",
                context => CutAsync(redis.Resource, context),
                new CommandOptions
                {
                    Description = "Redis closes every connection that subscribes. What is published meanwhile is read from the log.",
                    IconName = "PlugDisconnected",
                    UpdateState = ReplicaFaults.WhileItRuns,
                }
            );

    private static Task ValidateSeconds(InputsDialogValidationContext context)
    {
        if (
            !int.TryParse(context.Inputs[SecondsArgument].Value, CultureInfo.InvariantCulture, out var seconds)
            || seconds is < 1 or > MaxSeconds
        )
            context.AddValidationError(context.Inputs[SecondsArgument], $"Name a whole number from 1 to {MaxSeconds}.");
        return Task.CompletedTask;
    }

    private static async Task<ExecuteCommandResult> FreezeAsync(IResourceWithConnectionString redis, ExecuteCommandContext context)
    {
        var seconds = context.Arguments.GetInt32(SecondsArgument);
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (
            OperatingSystem.IsWindows()
            || !notifications.TryGetCurrentState(context.ResourceName, out var state)
            || state.Snapshot.ProcessId() is not { } process
        )
            return await OrderAsync(redis, ["CLIENT", "PAUSE", seconds * 1000, "ALL"], context.CancellationToken);

        if (!await SignalAsync(process, "STOP"))
            return CommandResults.Failure($"The process {process} of {context.ResourceName} has ended already.");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), context.CancellationToken);
        }
        finally
        {
            await SignalAsync(process, "CONT");
        }
        return CommandResults.Success();
    }

    private static Task<ExecuteCommandResult> CutAsync(IResourceWithConnectionString redis, ExecuteCommandContext context) =>
        OrderAsync(redis, ["CLIENT", "KILL", "TYPE", "pubsub"], context.CancellationToken);

    /// <summary>Gives an order to every server behind the connection string.</summary>
    private static async Task<ExecuteCommandResult> OrderAsync(
        IResourceWithConnectionString redis,
        object[] order,
        CancellationToken cancellationToken
    )
    {
        var options = ConfigurationOptions.Parse((await redis.GetConnectionStringAsync(cancellationToken))!);
        options.AllowAdmin = true;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            foreach (var server in connection.GetServers().Where(server => server.IsConnected))
                await server.ExecuteAsync((string)order[0], order[1..]);
            return CommandResults.Success();
        }
        catch (RedisException refused)
        {
            return CommandResults.Failure($"Redis refused it: {refused.Message}");
        }
    }

    // The shell has the command built in everywhere.
    private static async Task<bool> SignalAsync(int process, string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {process}"]);
        await kill.WaitForExitAsync();
        return kill.ExitCode == 0;
    }
}
