using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>
/// Where this node's prices come from. The engine says when to ask; the desk asks, and hands over what came. Another key is another source:
/// it is tried before it takes the old one's place.
/// </summary>
internal sealed class SourceDesk : IAsyncDisposable
{
    private readonly SourceOptions? _options;
    private readonly TimeSpan _limit;
    private readonly IExchange _exchange;
    private readonly ISocketDial _streams;
    private readonly TimeProvider _time;
    private readonly MeshLoop _loop;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _switching = new(1, 1);
    private volatile IPriceSource? _source;
    private Task _fetch = Task.CompletedTask;
    private long _fetches;
    private readonly long[] _failures = new long[Enum.GetValues<SourceFaultKind>().Length];
    private long _lastFetch;

    /// <summary>Opens the configured source, if one is configured.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it cannot work.</exception>
    public SourceDesk(SourceOptions? options, TimeSpan interval, IExchange exchange, ISocketDial streams, TimeProvider time, MeshLoop loop, ILogger logger)
    {
        (_options, _limit, _exchange, _streams, _time, _loop, _logger) = (options, interval / 2, exchange, streams, time, loop, logger);
        Assets = options?.AssetKeys() ?? [];
        // A vendor's key may come later, with the command to provide.
        if (options is { LacksKey: false })
            _source = Open(options, null);
    }

    /// <summary>What the source is asked for; empty without one.</summary>
    public IReadOnlyList<AssetKey> Assets { get; }

    /// <summary>The source's name; null: there is none that works.</summary>
    public string? Name => _source?.Name;

    /// <summary>Fetches that brought prices.</summary>
    public long Fetches => Interlocked.Read(ref _fetches);

    /// <summary>Fetches that brought none, by why.</summary>
    public long Failures(SourceFaultKind kind) => Interlocked.Read(ref _failures[(int)kind]);

    /// <summary>How long the source took to answer, or to fail: up to half an interval.</summary>
    public Histogram Latency { get; } = new(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15);

    /// <summary>When prices last came; null: never.</summary>
    public DateTimeOffset? LastFetch => Interlocked.Read(ref _lastFetch) is > 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    /// <summary>Tries a source with a key and, if the vendor takes it, lets the node provide from it. Once enabled, again enabled changes nothing but the key.</summary>
    /// <param name="key">The key; null: the configured one.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>Null: the node provides; else why not.</returns>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: no source is configured, or it cannot work.</exception>
    public async Task<SourceFault?> EnableAsync(SourceKey? key, CancellationToken cancellationToken)
    {
        if (_options is null)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "This node has no source of prices: configure Mesh:Source:Use, and perhaps a key, and start it again.");
        await _switching.WaitAsync(cancellationToken);
        try
        {
            var before = _source;
            var source = key is null && before is not null ? before : Open(_options, key);
            if (await source.CheckAsync(cancellationToken) is { } fault)
            {
                if (source != before)
                    await CloseAsync(source);
                return fault;
            }

            _source = source;
            if (source != before)
                await CloseAsync(before);
        }
        finally
        {
            _switching.Release();
        }

        await _loop.AskAsync((engine, now) =>
        {
            engine.SetSource(Assets);
            engine.Turns.SourceAccepted();
            engine.Enable(now);
            return true;
        });
        _logger.ProviderEnabled(_source!.Name);
        return null;
    }

    /// <summary>Lets the node say goodbye and provide no more; what is being fetched is awaited and forgotten.</summary>
    public async Task DisableAsync()
    {
        await _loop.AskAsync((engine, now) =>
        {
            engine.Disable(GoodbyeReason.Disabled, now);
            return true;
        });
        await Volatile.Read(ref _fetch);
        _logger.ProviderDisabled();
    }

    /// <summary>Asks the source, later. On the engine's loop; of two the engine asks the second after the first was answered.</summary>
    public void Fetch(ulong slot, IReadOnlyList<AssetKey> wanted) => Volatile.Write(ref _fetch, FetchAsync(slot, [.. wanted]));

    /// <summary>Ends what is being fetched.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _fetch;
        await CloseAsync(_source);
        _stopping.Dispose();
        _switching.Dispose();
    }

    private IPriceSource Open(SourceOptions options, SourceKey? key) => options.Use == SourceOptions.CoinbaseFeed
        ? new StreamedSource(new CoinbaseStream(new StreamOptions(), _streams, _time), Assets, Publish, _time)
        : options.Open(key, _exchange, _time);

    /// <summary>A stream is followed until it is closed; what is asked each time needs no closing.</summary>
    private static ValueTask CloseAsync(IPriceSource? source) => source is StreamedSource followed ? followed.DisposeAsync() : ValueTask.CompletedTask;

    private void Publish(PriceFetch fetch) => _loop.Post((engine, now) =>
    {
        if (engine.IsProvider)
            engine.Publish(fetch.Prices, now);
    });

    private async Task FetchAsync(ulong slot, AssetKey[] wanted)
    {
        // The engine's call has to return first.
        await Task.Yield();
        var name = _source?.Name ?? "";
        _logger.FetchStarts(name, wanted.Length, slot);
        var asked = _time.GetTimestamp();
        var fetched = await ReadAsync(wanted);
        Latency.Add(_time.GetElapsedTime(asked));
        if (fetched.IsFailure)
        {
            var fault = fetched.Fault ?? new SourceFault(SourceFaultKind.WrongShape, "It has none of these assets now.");
            Interlocked.Increment(ref _failures[(int)fault.Kind]);
            _logger.FetchFailed(name, slot, fault.Kind, fault.Detail);
        }
        else
        {
            Interlocked.Increment(ref _fetches);
            Interlocked.Exchange(ref _lastFetch, _time.GetUtcNow().ToUnixTimeMilliseconds());
            _logger.FetchSucceeded(name, fetched.Prices.Count, wanted.Length, slot);
        }

        _loop.Post((engine, now) => engine.OnFetched(slot, fetched, now));
    }

    private async Task<PriceFetch> ReadAsync(AssetKey[] wanted)
    {
        if (_source is not { } source)
            return PriceFetch.Failed(wanted, new SourceFault(SourceFaultKind.KeyRefused, "No key was given."));
        using var limit = new CancellationTokenSource(_limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        try
        {
            return await source.FetchAsync(wanted, both.Token);
        }
        catch (OperationCanceledException)
        {
            return PriceFetch.Failed(wanted, new SourceFault(SourceFaultKind.TimedOut, $"No whole answer came within {_limit.TotalSeconds:0.#} s, half an interval."));
        }
    }
}
