using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>What the tiers keep of an asset.</summary>
/// <param name="Frames">Each signed message once; empty: they have nothing.</param>
/// <param name="Origin">Which tier it is from.</param>
internal sealed record FoundPrices(IReadOnlyList<SignedFrame> Frames, PriceOrigin Origin);

/// <summary>
/// Looks for an asset that memory does not have in the tiers, one after the other. However many ask for one asset at once, it is looked for
/// once; and what was not found is not looked for again at once, for anybody can ask for names that do not exist.
/// </summary>
/// <param name="tiers">The tiers in the order in which they are asked, and what comes from each.</param>
/// <param name="time">The steady clock.</param>
internal sealed class ReadThrough(IReadOnlyList<(GuardedTier Tier, PriceOrigin Origin)> tiers, TimeProvider time)
{
    /// <summary>How long an asset that no tier has is not looked for again.</summary>
    public static readonly TimeSpan MissTime = TimeSpan.FromSeconds(5);

    /// <summary>Missing assets remembered: as many as a map holds; beyond it all are forgotten, and cost a look each.</summary>
    public const int MaxMisses = 4_096;

    /// <summary>Assets looked for at once; who asks for more is told that there is nothing.</summary>
    public const int MaxFlights = 256;

    private static readonly FoundPrices _nothing = new([], PriceOrigin.Db);

    private readonly Lock _lock = new();
    private readonly Dictionary<AssetKey, Task<FoundPrices>> _flights = [];
    private readonly Dictionary<AssetKey, long> _misses = [];

    /// <summary>Finds what the first tier that has anything keeps of an asset. Fails only if the caller goes away.</summary>
    /// <param name="key">The asset.</param>
    /// <param name="cancellationToken">The caller's; the look goes on for the others.</param>
    public Task<FoundPrices> FindAsync(AssetKey key, CancellationToken cancellationToken)
    {
        if (!WireText.IsKey(key))
            return Task.FromResult(_nothing);
        TaskCompletionSource<FoundPrices> answer;
        lock (_lock)
        {
            if (_flights.TryGetValue(key, out var flight))
                return flight.WaitAsync(cancellationToken);
            if (_flights.Count >= MaxFlights || (_misses.TryGetValue(key, out var missed) && time.GetElapsedTime(missed) < MissTime))
                return Task.FromResult(_nothing);
            answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _flights.Add(key, answer.Task);
        }

        _ = FlyAsync(key, answer);
        return answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>An asset is there now.</summary>
    public void Forget(AssetKey key)
    {
        lock (_lock)
            _misses.Remove(key);
    }

    private async Task FlyAsync(AssetKey key, TaskCompletionSource<FoundPrices> answer)
    {
        var found = _nothing;
        var isCertain = true;
        foreach (var (tier, origin) in tiers)
        {
            var kept = await tier.ReadAsync(key, CancellationToken.None);
            isCertain &= kept is not null;
            found = new(kept ?? [], origin);
            if (found.Frames.Count > 0)
                break;
        }

        lock (_lock)
        {
            _flights.Remove(key);
            // A tier that did not answer may have it; its breaker bounds how often it is asked.
            if (found.Frames.Count == 0 && isCertain)
                Remember(key);
        }

        answer.SetResult(found);
    }

    private void Remember(AssetKey key)
    {
        if (_misses.Count >= MaxMisses)
            _misses.Clear();
        _misses[key] = time.GetTimestamp();
    }
}
