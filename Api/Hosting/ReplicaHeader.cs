using EventStreams;
using Microsoft.Extensions.Options;

namespace Api.Hosting;

/// <summary>Tells in every answer which replica gave it.</summary>
internal static class ReplicaHeader
{
    public const string Name = "X-Replica";

    public static void UseReplicaHeader(this WebApplication app)
    {
        var replica = app.Services.GetRequiredService<IOptions<EventStreamsOptions>>().Value.ReplicaId;
        app.Use(
            (context, next) =>
            {
                // At the last moment, since an error page clears the headers that were there before it.
                context.Response.OnStarting(() =>
                {
                    context.Response.Headers[Name] = replica;
                    return Task.CompletedTask;
                });
                return next(context);
            }
        );
    }
}
