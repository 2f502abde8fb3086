namespace Tests.Fixtures;

/// <summary>The Api as a process of its own, open to visitors and without limits for them unless its settings say otherwise.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ServiceProcess _service;

    private ApiProcess(ServiceProcess service, TemporaryFolder folder) => (_service, _folder) = (service, folder);

    /// <summary>A client for it.</summary>
    public HttpClient Client => _service.Client;

    /// <summary>Its media folder.</summary>
    public string MediaFolder => _folder["media"];

    /// <summary>What it has written so far.</summary>
    public string Output => _service.Output;

    /// <summary>Settings of an API key that may publish.</summary>
    public static Dictionary<string, string> PublisherKey(string key) => ApiKey(0, key, "publisher", "publish");

    /// <summary>Settings of an API key.</summary>
    public static Dictionary<string, string> ApiKey(int number, string key, string subject, params string[] rights)
    {
        var settings = new Dictionary<string, string>
        {
            [$"Access__ApiKeys__{number}__Key"] = key,
            [$"Access__ApiKeys__{number}__Subject"] = subject,
        };
        for (var i = 0; i < rights.Length; i++)
            settings[$"Access__ApiKeys__{number}__Rights__{i}"] = rights[i];
        return settings;
    }

    /// <inheritdoc cref="ServiceProcess.StartAsync"/>
    public static async Task<ApiProcess> StartAsync(string connectionString, IReadOnlyDictionary<string, string> settings)
    {
        var folder = new TemporaryFolder();
        var all = new Dictionary<string, string>
        {
            ["ConnectionStrings__redis"] = connectionString,
            ["Media__Path"] = folder["media"],
            ["Access__Open"] = "true",
            ["Limits__SubmitsPerMinute"] = "0",
            ["Limits__CommandsPerMinute"] = "0",
        };
        foreach (var (name, value) in settings)
            all[name] = value;
        try
        {
            return new ApiProcess(
                await ServiceProcess.StartAsync(Path.Combine(AppContext.BaseDirectory, "Api.dll"), folder.Path, all),
                folder
            );
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="ServiceProcess.KillAsync"/>
    public Task KillAsync() => _service.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }
}
