// The architecture as code. Producers publish to Redis, one channel a topic; every Api replica that holds a stream of that topic listens
// there; nobody needs to know where anybody is.
var builder = DistributedApplication.CreateBuilder(args);

// The log of every stream, and the bell that says there is more of it. Also the job queue. Survives restarts.
var redis = builder.AddRedis("redis")
    .WithDataVolume()
    .WithPersistence(TimeSpan.FromMinutes(1));

// Uploaded media: what Api stores, Worker reads.
var media = builder.Configuration["Media:Path"] ?? Path.GetFullPath("../.aspiresse/media", builder.AppHostDirectory);

// Jobs and event streams over HTTP. Stateless: a stream resumes on whichever replica the client reaches next.
var api = builder.AddProject<Projects.Api>("api")
    .WithReplicas(3)
    .WithReference(redis)
    .WaitFor(redis)
    .WithEnvironment("Media__Path", media)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url =>
    {
        url.Url = "/scalar";
        url.DisplayText = "API reference";
    });

// Claims jobs, transcribes, publishes. Knows nothing of clients, replicas or server-sent events.
builder.AddProject<Projects.Worker>("worker")
    .WithReplicas(2)
    .WithReference(redis)
    .WaitFor(redis)
    .WithEnvironment("Media__Path", media)
    .WithHttpHealthCheck("/health");

// The demo page; talks to Api through the one address in front of its replicas.
builder.AddProject<Projects.Web>("web")
    .WithReference(api)
    .WaitFor(api)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => url.DisplayText = "Live subtitles");

builder.Build().Run();
