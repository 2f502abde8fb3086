using EventStreams;
using Subtitles.Jobs;
using Subtitles.Transcription;
using Worker;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddEventPublisher("redis");
builder.AddSubtitleJobs();
builder.AddTranscription();
builder.AddWorker();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
