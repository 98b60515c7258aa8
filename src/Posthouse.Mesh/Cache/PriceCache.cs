using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>How a tier does.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="State">Whether it is asked.</param>
/// <param name="Waiting">Prices that wait to be written to it.</param>
/// <param name="Lag">For how long the first of them has waited.</param>
/// <param name="Failures">Calls that failed or were late, since the start.</param>
internal sealed record TierReport(string Name, TierState State, int Waiting, TimeSpan Lag, long Failures);

/// <summary>
/// The tiers beside the memory. The memory is the truth for reads: nothing here is on the way of a price that is in it. At a start the node
/// opens its own file, loads it, is ready, merges the shared tier, connects to peers and catches up with them, in this order. Any thread.
/// </summary>
internal sealed class PriceCache : IAsyncDisposable
{
    private readonly IOwnTier? _file;
    private readonly Tier? _own;
    private readonly Tier? _shared;
    private readonly NewestPrices _newest = new();
    private readonly ReadThrough _reads;

    /// <summary>Starts the tiers' writers; nothing is loaded.</summary>
    /// <param name="own">This node's own file; null: it has none.</param>
    /// <param name="shared">The tier that several nodes share; null: there is none.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told what becomes of the tiers.</param>
    public PriceCache(IOwnTier? own, IPriceTier? shared, TimeProvider time, ILogger logger)
    {
        _file = own;
        _own = own is null ? null : new Tier(own, _newest, time, logger);
        _shared = shared is null ? null : new Tier(shared, _newest, time, logger);
        // The shared tier has what other nodes heard; the own file has what was here before.
        SharedOrigin = shared?.Origin ?? PriceOrigin.Redis;
        _reads = new ReadThrough([.. From(_shared, SharedOrigin), .. From(_own, PriceOrigin.Db)], time);

        static IEnumerable<(GuardedTier, PriceOrigin)> From(Tier? tier, PriceOrigin origin) => tier is null ? [] : [(tier.Guarded, origin)];
    }

    /// <summary>How a price of the shared tier is said to have come.</summary>
    public PriceOrigin SharedOrigin { get; }

    /// <summary>How the tiers do.</summary>
    public IReadOnlyList<TierReport> Tiers => [.. new[] { _own, _shared }.OfType<Tier>().Select(tier => tier.Report())];

    /// <summary>First step of a start: what the own file keeps. Empty where it cannot be read; the node then starts empty.</summary>
    public Task<IReadOnlyList<SignedFrame>> LoadOwnAsync(CancellationToken cancellationToken = default) => LoadAsync(_own, _shared, cancellationToken);

    /// <summary>Second step, after the node is ready: what the shared tier keeps.</summary>
    public Task<IReadOnlyList<SignedFrame>> LoadSharedAsync(CancellationToken cancellationToken = default) => LoadAsync(_shared, _own, cancellationToken);

    /// <summary>Keeps the prices of a message that the node has accepted. Returns at once; older ones than are kept change nothing.</summary>
    public void Keep(SignedFrame frame)
    {
        foreach (var price in KeptPrice.Of(frame))
        {
            if (!_newest.TryTake(price))
                continue;
            _reads.Forget(price.Key);
            _own?.Writer.Offer(price);
            _shared?.Writer.Offer(price);
        }
    }

    /// <summary>Looks for an asset that is not in memory. Never fails but for the caller's going away.</summary>
    public Task<FoundPrices> FindAsync(AssetKey key, CancellationToken cancellationToken = default) => _reads.FindAsync(key, cancellationToken);

    /// <summary>
    /// Drops an asset's prices from before a time, as its rule of expiry wants: the own file's, and none is given to a tier again. The
    /// shared tier has a term of its own.
    /// </summary>
    public async Task DropAsync(AssetKey key, DateTimeOffset before)
    {
        _newest.Forget(key, before);
        try
        {
            await (_file?.DropAsync(key, before) ?? Task.CompletedTask);
        }
        catch (PosthouseException)
        {
            // The file cannot be written now. What is left in it is too old to be believed, and goes with the next drop.
        }
    }

    /// <summary>Writes what waits and closes the tiers: an orderly stop loses nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        // The own file last: it keeps what the shared tier may refuse.
        if (_shared is not null)
            await _shared.DisposeAsync();
        if (_own is not null)
            await _own.DisposeAsync();
    }

    /// <summary>What one tier has is offered to the other, which keeps what is newer than its own.</summary>
    private async Task<IReadOnlyList<SignedFrame>> LoadAsync(Tier? from, Tier? to, CancellationToken cancellationToken)
    {
        if (from is null || await from.Guarded.LoadAsync(cancellationToken) is not { } frames)
            return [];
        foreach (var price in frames.SelectMany(KeptPrice.Of))
        {
            if (_newest.TryTake(price))
                to?.Writer.Offer(price);
        }

        return frames;
    }

    private sealed class Tier(IPriceTier tier, GuardedTier guarded, WriteBehind writer) : IAsyncDisposable
    {
        public Tier(IPriceTier tier, NewestPrices newest, TimeProvider time, ILogger logger)
            : this(tier, new GuardedTier(tier, time, logger), newest, time, logger)
        {
        }

        private Tier(IPriceTier tier, GuardedTier guarded, NewestPrices newest, TimeProvider time, ILogger logger)
            : this(tier, guarded, new WriteBehind(guarded, newest, time, logger))
        {
        }

        public GuardedTier Guarded => guarded;

        public WriteBehind Writer => writer;

        public TierReport Report() => new(guarded.Name, guarded.State, writer.Waiting, writer.Lag, guarded.Failures);

        public async ValueTask DisposeAsync()
        {
            await writer.DisposeAsync();
            await tier.DisposeAsync();
        }
    }
}
