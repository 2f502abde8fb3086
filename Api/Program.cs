using Api.Access;
using Api.Development;
using Api.Hosting;
using Api.Jobs;
using Api.Limits;
using Api.OpenApi;
using Api.Problems;
using Api.Streams;
using EventStreams;
using EventStreams.Http;
using Subtitles.Jobs;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddEventStreams(
    "redis",
    options =>
    {
        options.SnapshotUrl = JobLinks.SnapshotOf;
        options.ReservedTopicPrefixes.Add(JobLinks.TopicPrefix);
    }
);
builder.AddSubtitleJobs();
builder.AddJobSubmission();
builder.AddAccess();
builder.AddLimits();
builder.AddProblems();
builder.AddContract();
builder.AddConfiguredCors();
builder.AddKnownProxies();
builder.WebHost.UseEventStreamTransport();

var app = builder.Build();

app.UseForwardedHeaders();
app.UseReplicaHeader();
app.UseSecurityHeaders();
app.UseProblems();
app.UseCors();
app.UseAccess();
app.UseRateLimiter();

app.MapDefaultEndpoints();
app.MapJobs();
app.MapLiveMedia();
app.MapSubtitleFormats();
app.MapStreams();
app.MapContract();
app.MapFaults();

app.Run();
