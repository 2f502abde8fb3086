using EventStreams;
using Worker;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddEventPublisher("redis");
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddHostedService<Producer>();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
