using Api.Development;
using Api.Hosting;
using Api.Problems;
using EventStreams;
using EventStreams.Http;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddEventStreams("redis");
builder.AddProblems();
builder.AddConfiguredCors();
builder.AddKnownProxies();
builder.WebHost.UseEventStreamTransport();

var app = builder.Build();

app.UseForwardedHeaders();
app.UseReplicaHeader();
app.UseSecurityHeaders();
app.UseProblems();
app.UseCors();

app.MapDefaultEndpoints();
app.MapEventStream("/streams/{topic}");
app.MapEventStreams("/streams");
app.MapEventHistory("/streams/{topic}/events");

// Anyone may publish there: elsewhere than in Development it needs RequireAuthorization, and a policy that says who may.
if (app.Environment.IsDevelopment())
    app.MapEventPublish("/streams/{topic}");
app.MapFaults();

app.Run();
