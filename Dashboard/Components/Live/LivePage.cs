using Microsoft.AspNetCore.Components;

namespace Dashboard.Components.Live;

/// <summary>A page that asks again for what it shows when something has changed, at most so often.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _left = new();

    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    /// <summary>Cancelled when the visitor has left the page.</summary>
    protected CancellationToken Left => _left.Token;

    /// <summary>Whether the visitor wants the page to stand still.</summary>
    protected bool IsPaused { get; set; }

    /// <summary>The shortest time between two renderings for one signal: what changes faster than people read is left out.</summary>
    protected virtual TimeSpan Pace => TimeSpan.FromMilliseconds(400);

    /// <summary>What tells that the page is out of date.</summary>
    protected abstract IEnumerable<ChangeSignal> Signals { get; }

    /// <summary>Asks for what the page shows.</summary>
    protected abstract void Refresh();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _left.Cancel();
            _left.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => Refresh();

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            var left = Left;
            foreach (var signal in Signals)
            {
                _ = FollowAsync(signal, left);
            }
        }
    }

    private async Task FollowAsync(ChangeSignal signal, CancellationToken left)
    {
        try
        {
            // No version is below 0: the first round is at once, since the page may have changed between its rendering and now.
            for (var seen = -1L; ;)
            {
                seen = await signal.WaitAsync(seen, left).ConfigureAwait(false);
                await InvokeAsync(() =>
                {
                    if (!IsPaused && !left.IsCancellationRequested)
                    {
                        Refresh();
                        StateHasChanged();
                    }
                }).ConfigureAwait(false);
                await Task.Delay(Pace, Time, left).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            // The visitor has left the page.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e).ConfigureAwait(false);
        }
    }
}
