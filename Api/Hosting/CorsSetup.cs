using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Api.Hosting;

/// <summary>
/// Which other origins' pages may call: those of <c>Cors:Origins</c>. Without any, none; in Development then pages on localhost may read.
/// </summary>
internal static class CorsSetup
{
    public static void AddConfiguredCors(this WebApplicationBuilder builder)
    {
        var origins = builder.Configuration.GetSection("Cors:Origins").Get<string[]>() ?? [];
        builder.Services.AddCors(cors =>
            cors.AddDefaultPolicy(policy =>
            {
                policy.WithExposedHeaders(ReplicaHeader.Name, "Location", "ETag");
                if (origins.Length > 0)
                    policy.WithOrigins(origins).AllowAnyMethod().AllowAnyHeader();
                else if (builder.Environment.IsDevelopment())
                    policy.SetIsOriginAllowed(IsLocalhost).WithMethods(HttpMethods.Get).AllowAnyHeader();
                else
                    policy.SetIsOriginAllowed(static _ => false);
            })
        );
    }

    private static bool IsLocalhost(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback;
}
