using Api.Development;
using Api.Hosting;
using Api.Jobs;
using Api.OpenApi;
using Api.Problems;
using Api.Streams;
using EventStreams;
using EventStreams.Http;
using Subtitles.Jobs;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddEventStreams("redis", options =>
{
    options.SnapshotUrl = JobLinks.SnapshotOf;
    options.ReservedTopicPrefixes.Add(JobLinks.TopicPrefix);
});
builder.AddSubtitleJobs();
builder.AddJobSubmission();
builder.AddStreamPublishing();
builder.AddProblems();
builder.AddContract();
builder.AddConfiguredCors();
builder.WebHost.UseEventStreamTransport();

var app = builder.Build();

app.UseReplicaHeader();
app.UseProblems();
app.UseCors();

app.MapDefaultEndpoints();
app.MapJobs();
app.MapStreams();
app.MapContract();
app.MapFaults();

app.Run();
