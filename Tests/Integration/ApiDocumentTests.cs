using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tests.Fixtures;
using Tests.Integration.Worker;

namespace Tests.Integration;

/// <summary>The documents are true: each command works, and answers as the page shows.</summary>
public sealed partial class ApiDocumentTests(RedisServers servers, ITestOutputHelper output)
{
    private const string Key = "a-publisher-key-of-the-test";
    private const int TimedOut = 28;

    [Theory]
    [InlineData("api.md", 18)]
    [InlineData("quick-start.md", 2)]
    public async Task Each_command_does_what_the_page_says(string document, int least)
    {
        if (Requirement.FindProgram("curl") is null || Requirement.FindProgram("bash") is null)
            throw Requirement.Missing("curl and bash are needed to run the commands of the documents.");
        using var folder = new TemporaryFolder();
        await ToneSpeech.WriteAsync(folder["talk.wav"], 10);
        await File.WriteAllTextAsync(folder["talk.vtt"], "WEBVTT\n\n00:01.000 --> 00:02.500\nEvery viewer sees the same.\n");
        var server = await servers.GetAsync(RedisServerKind.Redis);
        Dictionary<string, string> settings = new(ApiProcess.PublisherKey(Key))
        {
            ["Jobs__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
            ["EventStreams__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
            ["Media__Path"] = folder["media"],
            // As the page says: the calls stand there without credentials.
            ["Access__Open"] = "",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Media__AllowPrivateAddresses"] = "true",
            ["Worker__Concurrency"] = "4",
        };
        await using var media = await PlaylistServer.StartAsync(folder.Path);
        await using var api = await ApiProcess.StartAsync(server.ConnectionString, settings);
        await using var worker = await WorkerProcess.StartAsync(server, settings);

        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Path, "docs", document));
        var steps = Blocks()
            .Matches(page)
            .Select(m => (Command: m.Groups["command"].Value, Kind: m.Groups["kind"].Value, Answer: m.Groups["answer"].Value))
            .ToArray();
        Assert.True(steps.Length >= least, "The page has its commands in blocks.");
        var script = new StringBuilder("set -u\n");
        for (var i = 0; i < steps.Length; i++)
            script.Append($"{{\n{steps[i].Command}}} > {folder[$"out.{i}"]} 2>&1\necho $? > {folder[$"status.{i}"]}\n");
        script
            .Replace("http://localhost:5180", api.Client.BaseAddress!.ToString().TrimEnd('/'))
            .Replace("https://media.example.com/", media.Address.ToString())
            .Replace("https://hooks.example.com/", media.Address.ToString());
        await RunAsync(script.ToString(), folder.Path);

        for (var i = 0; i < steps.Length; i++)
        {
            var (answered, status) = (
                await File.ReadAllTextAsync(folder[$"out.{i}"]),
                int.Parse(await File.ReadAllTextAsync(folder[$"status.{i}"]))
            );
            output.WriteLine($"{steps[i].Command.Trim()}\n  -> {status}: {answered}\n");
            Assert.True(status is 0 or TimedOut, $"{steps[i].Command} ended with {status}: {answered}");
            if (steps[i].Kind == "json")
                AssertShape(
                    JsonDocument.Parse(steps[i].Answer).RootElement,
                    JsonDocument.Parse(answered.Trim()).RootElement,
                    steps[i].Command
                );
            else if (steps[i].Kind == "text")
                AssertLines(steps[i].Answer, answered);
        }

        if (document == "api.md")
            await AssertCompleteAsync(api.Client, page);
    }

    /// <summary>What the page shows is in the answer; "…" stands for anything.</summary>
    private static void AssertShape(JsonElement shown, JsonElement answered, string command)
    {
        if (shown.ValueKind == JsonValueKind.String && shown.GetString()!.Contains('…', StringComparison.Ordinal))
        {
            Assert.StartsWith(shown.GetString()!.Split('…')[0], answered.GetString(), StringComparison.Ordinal);
            return;
        }
        Assert.True(
            shown.ValueKind == answered.ValueKind || shown.ToString().StartsWith("Zx1", StringComparison.Ordinal),
            $"{command}: {shown} is answered as {answered}"
        );
        switch (shown.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in shown.EnumerateObject())
                    AssertShape(
                        property.Value,
                        answered.TryGetProperty(property.Name, out var value)
                            ? value
                            : throw new InvalidOperationException($"{command}: no {property.Name} in {answered}"),
                        command
                    );
                break;
            case JsonValueKind.Array:
                foreach (var (first, second) in shown.EnumerateArray().Zip(answered.EnumerateArray()))
                    AssertShape(first, second, command);
                Assert.True(answered.GetArrayLength() >= shown.GetArrayLength(), command);
                break;
            default:
                if (!shown.ToString().StartsWith("Zx1", StringComparison.Ordinal))
                    Assert.Equal(shown.ToString(), answered.ToString());
                break;
        }
    }

    /// <summary>The lines that the page shows come in this order.</summary>
    private static void AssertLines(string shown, string answered)
    {
        var place = 0;
        foreach (var line in shown.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var found = answered.IndexOf(line.TrimEnd('…'), place, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{line}' does not come in: {answered}");
            place = found + 1;
        }
    }

    /// <summary>The contract has no call that the page does not show.</summary>
    private static async Task AssertCompleteAsync(HttpClient client, string page)
    {
        var contract = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json")).RootElement;
        foreach (var path in contract.GetProperty("paths").EnumerateObject())
        {
            var command = path
                .Name.Replace("{id}", "$JOB", StringComparison.Ordinal)
                .Replace("{topic}", "weather", StringComparison.Ordinal)
                .Replace("{cueId}", "c0001", StringComparison.Ordinal)
                .Replace("{number}", "0", StringComparison.Ordinal);
            foreach (var method in path.Value.EnumerateObject())
            {
                var verb = method.Name.ToUpperInvariant();
                Assert.True(
                    page.Split('\n')
                        .Any(l =>
                            Regex.IsMatch(l, Regex.Escape("$API" + command) + """(\?|"|\s|$|\))""")
                            && (
                                verb is "GET" or "HEAD"
                                    ? !l.Contains(" -X ", StringComparison.Ordinal)
                                    : l.Contains($" -X {verb} ", StringComparison.Ordinal)
                            )
                        ),
                    $"docs/api.md does not show {method.Name.ToUpperInvariant()} {path.Name}."
                );
            }
        }
    }

    private static async Task RunAsync(string script, string folder)
    {
        var start = new ProcessStartInfo("bash")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PUBLISHER_KEY"] = Key;
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        try
        {
            await bash.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        }
        catch
        {
            bash.Kill(entireProcessTree: true);
            throw;
        }
        Assert.Equal("", await bash.StandardError.ReadToEndAsync());
    }

    [GeneratedRegex(
        @"^```bash\n(?<command>.*?)^```\n(```(?<kind>json|text)\n(?<answer>.*?)^```$)?",
        RegexOptions.Singleline | RegexOptions.Multiline
    )]
    private static partial Regex Blocks();
}
