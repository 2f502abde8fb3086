using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using EventStreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>A ticket is in an address, and yet in no log, no trace and no answer.</summary>
public sealed class TicketRedactionTests(RedisServers servers)
{
    [Fact]
    public async Task Nothing_that_a_host_writes_down_shows_a_ticket()
    {
        var topic = Topic.Parse("news" + Guid.NewGuid().ToString("N")[..8]);
        var server = await servers.GetAsync(RedisServerKind.Redis);
        var written = new Written();
        var addresses = new ConcurrentQueue<string>();
        await using (
            var app = await AccessApp.StartAsync(
                server.ConnectionString,
                RedisServers.CreateKeyPrefix(),
                new TestAuthorizer((subject, _) => subject == "alice"),
                build: builder =>
                {
                    builder.Logging.AddProvider(written).SetMinimumLevel(LogLevel.Trace);
                    // Louder than an appsettings.json that happens to lie there.
                    builder.Configuration["Logging:LogLevel:Microsoft.AspNetCore"] = nameof(LogLevel.Trace);
                    builder.Services.AddProblemDetails();
                    // But for what is answered: the ticket itself, to whom it is issued.
                    builder.Services.AddHttpLogging(logging =>
                        logging.LoggingFields = HttpLoggingFields.All & ~HttpLoggingFields.ResponseBody
                    );
                    // What the instrumentation leaves out by itself is let in, so that only the library keeps the ticket from it.
                    builder.Configuration["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
                    builder
                        .Services.AddOpenTelemetry()
                        .WithTracing(tracing =>
                            tracing.AddAspNetCoreInstrumentation().AddProcessor(new SimpleActivityExportProcessor(written.Spans))
                        );
                },
                use: app =>
                {
                    app.UseHttpLogging();
                    app.Use(
                        (context, next) =>
                        {
                            addresses.Enqueue(context.Request.GetEncodedPathAndQuery());
                            addresses.Enqueue(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
                            return next(context);
                        }
                    );
                }
            )
        )
        {
            var ticket = (await app.TicketAsync("alice", topic)).Ticket;
            string[] tickets = [ticket, ticket[..^10] + "0123456789", "est_none"];
            HttpStatusCode[] expected = [HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized];
            var statuses = new List<HttpStatusCode>();
            foreach (var each in tickets)
            {
                using var answer = await app.Client.GetAsync(
                    $"/streams/{topic}?a=1&Ticket={each}&from=head",
                    HttpCompletionOption.ResponseHeadersRead
                );
                statuses.Add(answer.StatusCode);
                if (!answer.IsSuccessStatusCode)
                    written.Keep(await answer.Content.ReadAsStringAsync());
            }
            Assert.Equal(expected, statuses);
            using var other = await app.Client.GetAsync($"/streams/other?ticket={ticket}");
            Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
            written.Keep(await other.Content.ReadAsStringAsync());
            // Another parameter of that name is the app's own.
            using var foreign = await app.Client.GetAsync($"/streams/none/such?ticket=ST-1856339");
            Assert.Contains("/streams/none/such?ticket=ST-1856339", addresses);
        }

        Assert.Contains($"/streams/{topic}?a=1&from=head", addresses);
        Assert.DoesNotContain(addresses, address => address.Contains("est_", StringComparison.Ordinal));
        // There is something to look at: the host's and the middleware's logs, problems, and a trace with the rest of the query.
        foreach (var place in (string[])["Request starting", "QueryString", "url.query="])
        {
            var found = written.Texts.Where(text => Has(text, place)).ToList();
            Assert.True(found.Exists(text => Has(text, "a=1&from=head")), $"{place}: {string.Join('\n', found)}");
        }
        Assert.Contains(written.Texts, text => Has(text, "The stream ticket"));
        Assert.DoesNotContain(written.Texts, text => Has(text, "est_"));

        static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);
    }

    private sealed class Written : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _texts = new();

        public Written() => Spans = new Exporter(this);

        public Exporter Spans { get; }

        public IReadOnlyCollection<string> Texts => _texts;

        public void Keep(string text) => _texts.Enqueue(text);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Keep(Describe(state));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            Microsoft.Extensions.Logging.EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Keep($"{formatter(state, exception)} {Describe(state!)} {exception}");

        public void Dispose() { }

        private static string Describe(object state) =>
            state is IEnumerable<KeyValuePair<string, object?>> values
                ? string.Join(' ', values.Select(value => $"{value.Key}={value.Value}"))
                : state.ToString() ?? "";
    }

    private sealed class Exporter(Written written) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
            {
                written.Keep($"{span.DisplayName} {span.OperationName}");
                foreach (var tag in span.TagObjects)
                    written.Keep($"{tag.Key}={tag.Value}");
            }
            return ExportResult.Success;
        }
    }
}
