using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Benchmarks.Fanout;
using Benchmarks.Load;

namespace Benchmarks.Subtitles;

/// <summary>Redis, an Api and workers, each a process as it is shipped, with a media folder of their own.</summary>
internal sealed class SubtitleApp : IDisposable
{
    private readonly RedisUnderTest _redis;
    private readonly ServerProcess _api;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly DirectoryInfo _media;
    private readonly Lock _gate = new();
    private readonly List<ServerProcess> _workers = [];

    private SubtitleApp(RedisUnderTest redis, ServerProcess api, IReadOnlyDictionary<string, string> settings, DirectoryInfo media)
    {
        (_redis, _api, _settings, _media) = (redis, api, settings, media);
        Http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{api.Port}"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>A client of the Api.</summary>
    public HttpClient Http { get; }

    public static async Task<SubtitleApp> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        var redis = await RedisUnderTest.StartAsync();
        var media = Directory.CreateTempSubdirectory("aspiresse-bench-");
        var all = new Dictionary<string, string>(settings)
        {
            ["ConnectionStrings__redis"] = redis.ConnectionString,
            ["Media__Path"] = media.FullName,
            ["Logging__LogLevel__Default"] = "Warning",
            ["Access__Open"] = "true",
            ["Limits__SubmitsPerMinute"] = "0",
        };
        try
        {
            return new SubtitleApp(redis, await StartAsync([ApiFile.Path], all), all, media);
        }
        catch
        {
            redis.Dispose();
            media.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Starts one more worker.</summary>
    /// <param name="core">The only core that it may use; null for all.</param>
    public async Task AddWorkerAsync(int? core = null)
    {
        string[] arguments = core is { } one
            ? ["taskset", "-c", one.ToString(CultureInfo.InvariantCulture), "dotnet", ServiceFile.Of("Worker")]
            : ["dotnet", ServiceFile.Of("Worker")];
        var worker = await StartAsync(arguments, _settings);
        lock (_gate)
            _workers.Add(worker);
    }

    /// <summary>Kills a worker without warning; false where none has started yet since the last was killed.</summary>
    public bool TryKillWorker(Random random)
    {
        lock (_gate)
        {
            if (_workers.Count == 0)
                return false;
            var worker = _workers[random.Next(_workers.Count)];
            _workers.Remove(worker);
            worker.Dispose();
            return true;
        }
    }

    /// <summary>Submits a sample and returns the job's id.</summary>
    public async Task<string> SubmitAsync(string source) => await IdOfAsync(await Http.PostAsJsonAsync("/jobs", new { source }));

    /// <summary>Submits media with a side file and returns the job's id.</summary>
    public async Task<string> SubmitAsync(string sideFile, string pace)
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent([.. "RIFF\0\0\0\0WAVEfmt "u8, .. new byte[64]]), "media", "talk.wav" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(sideFile)), "subtitles", "talk.vtt" },
            { new StringContent(pace), "pace" },
        };
        return await IdOfAsync(await Http.PostAsync("/jobs", form));
    }

    public void Dispose()
    {
        Http.Dispose();
        foreach (var worker in _workers)
            worker.Dispose();
        _api.Dispose();
        _redis.Dispose();
        _media.Delete(recursive: true);
    }

    private static async Task<ServerProcess> StartAsync(string[] command, IReadOnlyDictionary<string, string> settings)
    {
        var port = ServerProcess.FreePort();
        var environment = new Dictionary<string, string>(settings) { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}" };
        return command[0].EndsWith(".dll", StringComparison.Ordinal)
            ? await ServerProcess.StartAsync("dotnet", command, port, environment)
            : await ServerProcess.StartAsync(command[0], command.Skip(1), port, environment);
    }

    private static async Task<string> IdOfAsync(HttpResponseMessage response)
    {
        using (response)
        {
            response.EnsureSuccessStatusCode();
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        }
    }
}
