using Web.Components;
using Web.Fanout;
using Web.Forwarding;
using Web.Hosting;
using Web.Security;

var builder = WebApplication.CreateBuilder(args);

// Started from its build output in any environment, the page still finds its styles and scripts.
builder.WebHost.UseStaticWebAssets();
builder.AddServiceDefaults();
builder.AddKnownProxies();
builder.AddPageKeys();
builder.AddSignIn();
builder.AddApiForwarding();
builder.Services.AddTextCompression();
builder.AddFanout();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();

var app = builder.Build();

app.UseForwardedHeaders();
app.UseResponseCompression();
app.UseExceptionHandler("/error", createScopeForErrors: true);
app.UseContentSecurityPolicy();
app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
app.UseSignIn();
app.UseAntiforgery();

app.MapDefaultEndpoints();
app.MapApi();
app.MapSignIn();
app.MapStaticAssets();

// Who may frame a page is in its policy already.
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);

app.Run();
