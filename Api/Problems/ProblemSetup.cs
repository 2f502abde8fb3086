namespace Api.Problems;

/// <summary>RFC 9457 problem details for everything that goes wrong.</summary>
internal static class ProblemSetup
{
    public static void AddProblems(this WebApplicationBuilder builder)
    {
        // Before AddProblemDetails, whose own writer would come first otherwise.
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        builder.Services.AddProblemDetails();
        RequestLimits.Widen(builder);
        builder.Services.AddExceptionHandler<ProblemExceptionHandler>();
        // In every environment, so that the sentence is never lost.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(
            (context, next) =>
            {
                RequestLimits.Check(context.Request);
                return next(context);
            }
        );
    }
}
