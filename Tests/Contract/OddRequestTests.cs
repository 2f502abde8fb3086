using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CsCheck;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Thousands of requests that no client would send: each is answered, the refused ones by a problem, none by a failure.</summary>
public sealed class OddRequestTests(RedisServers servers)
{
    private const string PublisherKey = "a-publisher-key-of-the-test";
    private const int Requests = 4000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Every_odd_request_is_answered_and_none_breaks_the_service()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        var settings = new Dictionary<string, string>(ApiProcess.PublisherKey(PublisherKey))
        {
            ["Jobs__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
            ["EventStreams__KeyPrefix"] = RedisServers.CreateKeyPrefix(),
            ["Media__MaxUploadBytes"] = "100000",
            ["Limits__PublishesPerSecond"] = "0",
            ["Limits__TicketsPerMinute"] = "0",
        };
        await using var api = await ApiProcess.StartAsync(server.ConnectionString, settings);
        using var submit = await api.Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
        var job = (await submit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        var requests = new List<OddRequest>();
        OddRequests.All.Sample(requests.Add, iter: Requests, threads: 1);

        var (answers, wrong) = (new ConcurrentBag<int>(), new ConcurrentBag<string>());
        await Parallel.ForEachAsync(
            requests,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (odd, cancellationToken) =>
            {
                using var request = Message(new Uri(api.Client.BaseAddress!, "/"), odd, job);
                try
                {
                    using var response = await api
                        .Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                        .WaitAsync(Limit, cancellationToken);
                    answers.Add((int)response.StatusCode);
                    if (!IsClear(request, response))
                        wrong.Add($"{(int)response.StatusCode} {response.Content.Headers.ContentType}: {odd}");
                }
                catch (Exception e) when (e is HttpRequestException or TimeoutException)
                {
                    wrong.Add($"{e.Message}: {odd}");
                }
            }
        );
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Take(10)));
        Assert.All([200, 202, 400, 403, 404, 405, 415], status => Assert.Contains(status, answers));
        Assert.Equal("Healthy", await api.Client.GetStringAsync("/health"));
    }

    // Below 500, and with a problem where it is refused; what the web server refuses before the app sees it has no body.
    private static bool IsClear(HttpRequestMessage request, HttpResponseMessage response) =>
        (int)response.StatusCode < 400
        || (int)response.StatusCode < 500
            && (
                request.Method == HttpMethod.Head
                || response.Content.Headers.ContentType?.MediaType == "application/problem+json"
                || !response.Headers.Contains("X-Replica") && response.Content.Headers.ContentLength == 0
            );

    private static HttpRequestMessage Message(Uri server, OddRequest odd, string job)
    {
        var target = odd.Target.Replace("{job}", job, StringComparison.Ordinal);
        var asItIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var address = new Uri(server.GetLeftPart(UriPartial.Authority) + target, asItIs);
        var request = new HttpRequestMessage(new HttpMethod(odd.Method), address);
        if (odd.Body is not null)
        {
            request.Content = new ByteArrayContent(odd.Body);
            if (odd.Type is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", odd.Type);
        }
        // Some may publish, so that what they send is looked at.
        if (odd.Headers.Count != 1)
            request.Headers.Add("X-Api-Key", PublisherKey);
        foreach (var (name, value) in odd.Headers)
        {
            var headers = name.StartsWith("Content-", StringComparison.Ordinal) ? request.Content?.Headers : (HttpHeaders)request.Headers;
            headers?.TryAddWithoutValidation(name, value);
        }
        return request;
    }
}
