using AppHost.Faults;
using AppHost.Redis;
using AppHost.Reports;
using AppHost.Services;

// The architecture as code. Producers publish to Redis, one channel a topic; every Api replica that holds a stream of that topic subscribes
// to it; nobody needs to know where anybody is.
var builder = DistributedApplication
    .CreateBuilder(new DistributedApplicationOptions { Args = args, DashboardApplicationName = "AspireSse" })
    .WithReports(open: "web");

// The log of every stream, and the notifications that it has grown. Survives restarts.
var redis = builder
    .AddRedis("redis")
    .WithDataVolume()
    .WithAppendOnlyFile()
    .RunAsContainerOrProcess()
    .WithIconName("Database")
    .WithRedisFaults();

// Event streams over HTTP. Stateless: a stream resumes on whichever replica the client reaches next.
var api = builder
    .AddService<Projects.Api>("api")
    .WithReplicas(3)
    .WithReference(redis)
    .WaitFor(redis)
    .WithExternalHttpEndpoints()
    .WithIconName("Live")
    .WithReplicaFaults()
    .WithStreamFaults()
    .WithTestEvents();

// Makes the events. Knows nothing of clients, replicas or server-sent events.
builder
    .AddService<Projects.Worker>("worker")
    .WithReference(redis)
    .WaitFor(redis)
    .WithUrlForEndpoint("http", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
    .WithIconName("Pulse")
    .WithReplicaFaults();

// The demo page; talks to Api through the one address in front of its replicas.
builder
    .AddService<Projects.Web>("web")
    .WithReference(api)
    .WithReference(redis)
    .WaitFor(api)
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => url.DisplayText = "Live feed")
    .WithIconName("WindowPlay");

builder.Build().Run();
