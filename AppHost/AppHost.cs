using AppHost.Faults;
using AppHost.Redis;
using AppHost.Reports;
using AppHost.Services;

// The architecture as code. Producers publish to Redis, one channel a topic; every Api replica that holds a stream of that topic subscribes
// to it; nobody needs to know where anybody is.
var builder = DistributedApplication
    .CreateBuilder(new DistributedApplicationOptions { Args = args, DashboardApplicationName = "AspireSse" })
    .WithReports(open: "web");

// The log of every stream, and the notifications that it has grown. Also the job queue. Survives restarts.
var redis = builder
    .AddRedis("redis")
    .WithDataVolume()
    .WithAppendOnlyFile()
    .RunAsContainerOrProcess()
    .WithIconName("Database")
    .WithRedisFaults();

// Jobs and event streams over HTTP. Stateless: a stream resumes on whichever replica the client reaches next.
var api = builder
    .AddService<Projects.Api>("api")
    .WithReplicas(3)
    .WithReference(redis)
    .WaitFor(redis)
    .WithSharedMedia()
    .WithAccess()
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint(
        "http",
        url =>
        {
            url.Url = "/scalar";
            url.DisplayText = "API reference";
        }
    )
    .WithIconName("Live")
    .WithReplicaFaults()
    .WithStreamFaults()
    .WithTestEvents();

// Claims jobs, transcribes, publishes. Knows nothing of clients, replicas or server-sent events.
builder
    .AddService<Projects.Worker>("worker")
    .WithReplicas(2)
    .WithReference(redis)
    .WaitFor(redis)
    .WithSharedMedia()
    .WithUrlForEndpoint("http", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
    .WithIconName("ClosedCaption")
    .WithReplicaFaults();

// The demo page; talks to Api through the one address in front of its replicas.
builder
    .AddService<Projects.Web>("web")
    .WithReference(api)
    .WithReference(redis)
    .WaitFor(api)
    .WithSignIn()
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => url.DisplayText = "Live subtitles")
    .WithIconName("WindowPlay");

builder.Build().Run();
