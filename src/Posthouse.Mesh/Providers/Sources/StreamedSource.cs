using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// A stream as a source. It is followed from the start, and connected anew for as long as it takes; what it says is published at once, and a
/// fetch of a slot gives the newest that it has said.
/// </summary>
internal sealed class StreamedSource : IPriceSource, IAsyncDisposable
{
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two connections: an interval of most meshes, twice.</summary>
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(60);

    /// <summary>How long a check waits for the first price: a stream says all it has when it is subscribed to.</summary>
    private static readonly TimeSpan _firstPrice = TimeSpan.FromSeconds(10);

    private readonly IPriceStream _stream;
    private readonly IReadOnlyList<AssetKey> _assets;
    private readonly Action<PriceFetch> _publish;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<AssetKey, PriceReading> _newest = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;
    private TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SourceFault? _fault;

    /// <summary>Follows a stream from now on.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="assets">What it is asked for.</param>
    /// <param name="publish">Takes what is worth a message in the mesh.</param>
    /// <param name="time">Measures waits.</param>
    public StreamedSource(IPriceStream stream, IReadOnlyList<AssetKey> assets, Action<PriceFetch> publish, TimeProvider time)
    {
        (_stream, _assets, _publish, _time) = (stream, assets, publish, time);
        _run = FollowAsync();
    }

    /// <inheritdoc/>
    public string Name => _stream.Name;

    /// <inheritdoc/>
    public Task<PriceFetch> FetchAsync(IReadOnlyList<AssetKey> assets, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // What a stream said before it broke is told already; saying it again would pass for a source that works.
            return Task.FromResult(_fault is not null || _newest.Count == 0
                ? PriceFetch.Failed(assets, _fault ?? new SourceFault(SourceFaultKind.Silent, "The stream has said nothing yet."))
                : new PriceFetch([.. assets.Where(_newest.ContainsKey).Select(key => _newest[key]).OrderBy(price => price.Key)], [.. assets.Where(key => !_newest.ContainsKey(key)).Select(key => new ReadingFlaw(key, ReadingFlawKind.Absent))]));
        }
    }

    /// <inheritdoc/>
    public async Task<SourceFault?> CheckAsync(CancellationToken cancellationToken)
    {
        Task said;
        lock (_lock)
            said = _newest.Count > 0 ? Task.CompletedTask : _said.Task;
        try
        {
            await said.WaitAsync(_firstPrice, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Whether anything was said shows below.
        }

        lock (_lock)
            return _newest.Count > 0 ? null : _fault ?? new SourceFault(SourceFaultKind.Silent, $"The stream has said nothing for {_firstPrice.TotalSeconds} s.");
    }

    /// <summary>Follows it no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _stopping.Dispose();
    }

    private async Task FollowAsync()
    {
        var wait = _firstWait;
        try
        {
            while (true)
            {
                var fault = await _stream.RunAsync(_assets, fetch => wait = Take(fetch), _stopping.Token);
                Say(() => _fault = fault);
                await Task.Delay(wait, _time, _stopping.Token);
                wait = wait * 2 < _longestWait ? wait * 2 : _longestWait;
            }
        }
        catch (OperationCanceledException)
        {
            // It is followed no more.
        }
    }

    /// <summary>Takes what the stream said; the connection is a good one, and its successor need not wait.</summary>
    private TimeSpan Take(PriceFetch fetch)
    {
        Say(() =>
        {
            _fault = null;
            foreach (var price in fetch.Prices)
                _newest[price.Key] = price;
        });
        if (fetch.Prices.Count > 0)
            _publish(fetch);
        return _firstWait;
    }

    private void Say(Action change)
    {
        TaskCompletionSource said;
        lock (_lock)
        {
            change();
            (said, _said) = (_said, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        said.SetResult();
    }
}
