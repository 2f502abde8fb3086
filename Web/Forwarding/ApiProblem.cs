using System.Text.Json;

namespace Web.Forwarding;

/// <summary>The problem details (RFC 9457) of an answer that is an error.</summary>
internal sealed record ApiProblem(string? Title, string? Detail)
{
    /// <summary>The sentence that says what is wrong.</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await answer.Content.ReadFromJsonAsync<ApiProblem>(cancellationToken);
            return problem?.Detail ?? problem?.Title ?? Bare(answer);
        }
        catch (JsonException)
        {
            return Bare(answer);
        }
    }

    private static string Bare(HttpResponseMessage answer) => $"The service answered {(int)answer.StatusCode}.";
}
