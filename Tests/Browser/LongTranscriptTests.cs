using Tests.Fixtures;

namespace Tests.Browser;

/// <summary>A transcript of hours is as quick as one of a minute.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LongTranscriptTests(BrowserApp app, Chromium chromium)
{
    private const int Lines = 10_000;

    // What else the machine does is not the page's: one try within the limit that meets the bar is enough, and a page that is too slow
    // never does.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Ten_thousand_lines_are_there_soon_and_never_hold_the_page_up()
    {
        var job = await UploadedJobs.UploadAsync(app.Web, UploadedJobs.LinesOf(Lines));
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.AddInitScriptAsync(
            """
            globalThis.longest = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => { longest = Math.max(longest, entry.duration); }))
              .observe({ type: 'longtask', buffered: true });
            new MutationObserver(() => {
              if (document.querySelector('.job')?.dataset.cues === '10000')
                globalThis.opened ??= performance.now();
            }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-cues'] });
            """
        );
        var best = (Opened: double.MaxValue, Longest: double.MaxValue);
        // The best of a few, and twice as long as it takes by itself: what else the machine does is not the page's.
        for (var i = 0; i < 6 && !(best is { Opened: <= 2000, Longest: <= 100 }); i++)
        {
            await window.Page.GotoAsync($"/jobs/{job}");
            await window.UntilAsync("globalThis.opened !== undefined");
            Assert.Equal(Lines, await window.EvaluateAsync<int>("document.querySelectorAll('#transcript [role=listitem]').length"));
            var opened = await window.EvaluateAsync<double>("opened");
            var longest = await window.EvaluateAsync<double>("longest");
            best = (Math.Min(best.Opened, opened), Math.Min(best.Longest, longest));
            TestContext.Current.TestOutputHelper?.WriteLine($"opened after {opened:F0} ms, longest block {longest:F0} ms");
        }
        Assert.True(
            best is { Opened: <= 2000, Longest: <= 100 },
            $"{Lines} lines open after {best.Opened:F0} ms with a block of {best.Longest:F0} ms."
        );
    }

    [Fact]
    public async Task A_line_that_comes_live_costs_the_same_in_a_long_transcript_as_in_a_short_one()
    {
        await using var window = await chromium.OpenAsync(app.Web);
        await window.Page.GotoAsync("/");
        await Eventually.HoldsAsync(
            () =>
                window.EvaluateAsync<bool>(
                    """
                    async () => {
                      const { Captions } = await import('/captions.js');
                      const costOf = async count => {
                        const [video, page, announcer] = ['video', 'div', 'div'].map(name => document.createElement(name));
                        page.className = 'job';
                        page.innerHTML = '<div class="lines"><div id="transcript" role="list"></div></div>';
                        document.body.append(video, page, announcer);
                        const list = page.querySelector('#transcript');
                        const captions = new Captions({ video, list, announcer });
                        const cue = i =>
                          ({ cueId: `c${i}`, rev: 1, state: 'final', startMs: 1000 * i, endMs: 1000 * i + 900, text: `line ${i}` });
                        await captions.load(Array.from({ length: count }, (_, i) => cue(i)));
                        const costs = [];
                        for (let i = 0; i < 60; i++) {
                          await new Promise(requestAnimationFrame);
                          const began = performance.now();
                          captions.put(cue(count + i));
                          captions.transcript.reveal(captions.transcript.now);
                          list.scrollHeight;
                          costs.push(performance.now() - began);
                        }
                        for (const part of [video, page, announcer])
                          part.remove();
                        return costs.sort((a, b) => a - b)[30];
                      };
                      const [short, long] = [await costOf(10), await costOf(10_000)];
                      globalThis.costs = { short, long };
                      return long <= 1.5 * short + .3;
                    }
                    """
                ),
            "a line costs the same at 10 and at 10,000",
            Limit
        );
        TestContext.Current.TestOutputHelper?.WriteLine(await window.EvaluateAsync<string>("JSON.stringify(costs)"));
    }
}
