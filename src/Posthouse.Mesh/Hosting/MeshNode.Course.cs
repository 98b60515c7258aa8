using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>A node's course: what it remembers when it begins, and what follows from each turn of its engine.</summary>
public sealed partial class MeshNode
{
    private async Task BeginAsync()
    {
        var now = _parts.Loop.Now;
        var frames = await _parts.Cache.LoadOwnAsync();
        var past = await _memory.PastAsync();
        foreach (var key in frames.SelectMany(KeptPrice.Of).Select(price => price.Key).Distinct())
        {
            if (Options.Prices.Expiry.Of(key).DropsBefore(now.Wall) is { } before)
                await _parts.Cache.DropAsync(key, before);
            _engine.Book.Recall(key, past[key].Select(point => new PricePoint(point.At, point.Price)));
        }

        var restored = frames.Sum(frame => _engine.Restore(frame.Envelope.Frame, PriceOrigin.Db, now));
        _engine.SetSource(_parts.Desk.Name is null ? [] : _parts.Desk.Assets);
        // Whether the source answers shows at the first slot: a vendor that is away must not keep the node from serving.
        if (Options.Provide)
            _engine.Enable(now);
        _parts.Events.NodeStarted(Id, Options.Network, restored);
        TellDoubt();
        _parts.Loop.Begin(_engine, After);
        _merge = MergeSharedAsync();
    }

    private void TellDoubt()
    {
        if (GetStatus().SelfWarning is { } doubt)
            _parts.Events.NobodyBelieves(doubt);
    }

    /// <summary>On the engine's loop, after each of its turns.</summary>
    private void After(GossipNode engine, Moment now)
    {
        var statusChanged = false;
        foreach (var fact in engine.Facts.Told)
        {
            // That nobody provides once this node has stopped to is no alarm of its own.
            if (_isLeaving && fact is AllProvidersOffline)
                continue;
            _parts.Events.Write(fact);
            statusChanged |= fact is NetworkStatusChanged;
            if (fact is PricesExpired expired)
                _ = _parts.Cache.DropAsync(expired.Key, expired.Before);
            if (MeshWarning.Of(fact) is { } warning)
                Feed.Warn(warning);
        }

        engine.Facts.Clear();
        foreach (var price in Feed.Look(engine.Book.Snapshot, GetStatus, statusChanged, now))
            _parts.Memory.SavePoint(price.Reading.Key, price.Reading.ObservedAt, price.Price);
        _memory.SaveUse(engine.Turns.Use);
        if (engine.IsProvider)
            _memory.Provides(now.Wall);
        if (now.Steady < _addressesAt)
            return;
        _addressesAt = now.Steady + _addressesEvery;
        _memory.SaveAddresses(engine.Addresses.Known);
        WatchReach(engine);
    }

    /// <summary>At the start only the seeds are known; how large the mesh is shows later.</summary>
    private void WatchReach(GossipNode engine)
    {
        var nodes = Math.Max(engine.Book.Network.Size.Estimate, Options.Seeds.Count + 1);
        if (_reachTold || GossipOptions.Default.HopsAmong(nodes) is var hops && hops <= Options.Ttl)
            return;
        _reachTold = true;
        _parts.Events.TtlTooLow(Options.Ttl, hops, nodes);
    }

    private async Task MergeSharedAsync()
    {
        try
        {
            await RestoreAsync(await _parts.Cache.LoadSharedAsync(_stopping.Token), _parts.Cache.SharedOrigin);
        }
        catch (OperationCanceledException)
        {
            // The node stops before the tier answered.
        }
        catch (PosthouseException)
        {
            // The loop has stopped, and has said why.
        }
    }

    private Task<int> RestoreAsync(IReadOnlyList<SignedFrame> frames, PriceOrigin origin) => _parts.Loop.AskAsync((engine, now) =>
    {
        var newer = 0;
        foreach (var frame in frames)
            newer += engine.Restore(frame.Envelope.Frame, origin, now);
        return newer;
    });
}
