using Web.Components;
using Web.Fanout;
using Web.Forwarding;
using Web.Hosting;
using Web.Jobs;
using Web.Samples;
using Web.Security;

var builder = WebApplication.CreateBuilder(args);

// Started from its build output in any environment, the page still finds its styles and scripts.
builder.WebHost.UseStaticWebAssets();
builder.AddServiceDefaults();
builder.AddApiForwarding();
builder.Services.AddTextCompression();
builder.Services.AddJobs();
builder.AddFanout();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();

var app = builder.Build();

app.UseResponseCompression();
app.UseExceptionHandler("/error", createScopeForErrors: true);
app.UseContentSecurityPolicy();
app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
app.UseSampleMedia();
app.UseAntiforgery();

app.MapDefaultEndpoints();
app.MapApi();
app.MapStaticAssets();
// Who may frame a page is in its policy already.
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);

app.Run();
