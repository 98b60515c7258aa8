using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>
/// What must hold of every run, named I1 to I8 as the design names it: equal maps, versions that only grow, nothing unsigned, no life out of old
/// data, few fetches, bounded memory, each transition told once, and no more than a second lost by a crash.
/// </summary>
internal sealed partial class MeshLaws(MeshWorld world)
{
    /// <summary>
    /// How long after its end a provider's last words may still be news: 25 s that a relayed beacon may be old, clocks 4 s apart, and 20 s in
    /// which a node may have been frozen with the message in its hands.
    /// </summary>
    private static readonly TimeSpan _echo = TimeSpan.FromSeconds(50);

    /// <summary>Dials under way, and peers found again beyond the number aimed at.</summary>
    private const int MostDials = 8 + 4;

    private static readonly TimeSpan _mayLose = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, Held> _held = [];
    private readonly Dictionary<NodeId, TimeSpan> _alive = [];
    private readonly Dictionary<(ulong Slot, ulong Group), int> _fetches = [];
    private readonly Dictionary<int, Told> _told = [];
    private readonly Dictionary<MessageId, ReadOnlyMemory<byte>> _verified = [];
    private readonly TagSignatures _signatures = new();
    private byte _frame;

    /// <summary>Frames sent so far, by type.</summary>
    public long[] Sent { get; } = new long[byte.MaxValue + 1];

    public void OnSent(ReadOnlyMemory<byte> frame) => Sent[frame.Span[0]]++;

    public void OnFetch(ulong slot, AssetKey[] assets)
    {
        world.Sim.Reach("fetch");
        var group = Voice.HashOf(assets);
        _fetches[(slot, group)] = _fetches.GetValueOrDefault((slot, group)) + 1;
    }

    /// <summary>The type of the frame that a node is about to get.</summary>
    public void Expect(byte frame) => _frame = frame;

    public void OnFacts(SimPeer peer, IReadOnlyList<MeshFact> facts)
    {
        if (facts.Count == 0)
            return;
        var told = Of(_told, peer.Number);
        foreach (var fact in facts)
        {
            world.Sim.Reach(fact.GetType().Name);
            OnFact(told, fact);
        }
    }

    /// <summary>A process starts: what it knew a second before its end it knows again.</summary>
    public void OnStart(SimPeer peer)
    {
        _told[peer.Number] = new();
        if (peer.Provides)
            _alive[peer.Id] = world.Sim.Now;
        if (!_held.TryGetValue(peer.Number, out var held) || held.Disk != peer.Disk)
        {
            _held[peer.Number] = new() { Disk = peer.Disk };
            return;
        }

        foreach (var ((key, provider), version) in held.AtRisk ?? [])
            Check(VersionOf(peer, key, provider) is { } now && now.CompareTo(version) >= 0, "I8: a crash lost what was known a second before it");
        held.Begin();
    }

    /// <summary>A process ends.</summary>
    public void OnCrash(SimPeer peer)
    {
        _alive[peer.Id] = world.Sim.Now;
        if (_held.TryGetValue(peer.Number, out var held))
            held.AtRisk = held.NotLaterThan(peer.RanAt - _mayLose);
    }

    /// <summary>Looks at every node; each second.</summary>
    public void Watch()
    {
        foreach (var peer in world.Living)
        {
            if (peer.Provides)
                _alive[peer.Id] = world.Sim.Now;
            WatchVersions(peer);
            WatchDisk(peer.Disk, _held[peer.Number]);
            WatchServed(peer);
            WatchBounds(peer.Node!);
        }
    }

    /// <summary>I5 for the slots that began in a time: at most so many fetches each, and at least one, for every group of assets.</summary>
    public void CheckFetches(DateTimeOffset from, DateTimeOffset to, int most)
    {
        foreach (var group in world.Peers.Where(peer => peer.IsProvider).Select(peer => Voice.HashOf(peer.Assets)).Distinct())
            CheckFetches(group, from, to, most);
    }

    private void CheckFetches(ulong group, DateTimeOffset from, DateTimeOffset to, int most)
    {
        for (var slot = SlotRules.SlotOf(from, MeshWorld.Slots.Interval) + 1; slot < SlotRules.SlotOf(to, MeshWorld.Slots.Interval); slot++)
        {
            var count = _fetches.GetValueOrDefault((slot, group));
            Check(count <= most, $"I5: {count} fetches in one slot, where {most} are enough");
            Check(count >= 1, "I5: a slot in which nobody fetched");
        }
    }

    /// <summary>I1: whether all nodes hold the same.</summary>
    public bool AllHoldTheSame()
    {
        ulong[]? first = null;
        foreach (var peer in world.Honest)
        {
            var digest = peer.Node!.Book.Map.Digest.ToArray();
            if (!digest.AsSpan().SequenceEqual(first ??= digest))
                return false;
        }

        return true;
    }

    /// <summary>I1, second half: whether all nodes serve the same, but for values that are marked as resting on what a node lived through.</summary>
    public bool AllServeTheSame() => Array.TrueForAll(world.AllAssets, asset =>
    {
        var now = Posthouse.Tests.Simulation.Kernel.SimTime.Start + world.Sim.Now;
        var served = world.Honest.Select(peer => peer.Node!.Book.GetPriceData(asset, now));
        return served.Where(value => value is not { Inconsistent: true } and not { Quarantined: true }).Select(value => value?.Price).Distinct().Count() <= 1;
    });

    /// <summary>Whether every node knows every living provider to be alive, and nobody else.</summary>
    public bool AllSeeTheLiving()
    {
        var alive = world.Living.Where(peer => peer.IsProvider).Select(peer => peer.Id).ToHashSet();
        return world.Honest.All(peer =>
        {
            var seen = peer.Node!.Book.Network.View.Active.Select(provider => provider.NodeId).Where(id => id != peer.Id).ToHashSet();
            return seen.SetEquals(alive.Where(id => id != peer.Id));
        });
    }

    public void Check(bool holds, string rule) => world.Sim.Check(holds, rule);

    private void OnFact(Told told, MeshFact fact)
    {
        switch (fact)
        {
            case AllProvidersOffline:
                Check(told.IsOffline != true, "I7: the same outage is told twice");
                told.IsOffline = true;
                break;
            case NetworkRecovered:
                Check(told.IsOffline != false, "I7: the same recovery is told twice");
                told.IsOffline = false;
                Check(_frame != (byte)FrameType.SnapshotChunk, "I4: a snapshot ended an outage");
                Check(world.Living.Any(other => other.IsProvider) || _alive.Values.Any(IsRecent), "I4: an outage ended though nobody has been alive for long");
                break;
            case ProviderDiscovered found:
                OnAlive(told, found.Provider);
                break;
            case ProviderReconnected back:
                OnAlive(told, back.Provider);
                break;
            case ProviderDisconnected gone:
                Check(told.Alive.Remove(gone.Provider) || told.Silenced.Contains(gone.Provider), "I7: the same end is told twice");
                break;
            case DuplicateIdentity:
                Check(false, "a second process with one key was found where there is none");
                break;
            case ProviderFlapping flapping:
                told.Silenced.Add(flapping.Provider);
                break;
        }
    }

    private void OnAlive(Told told, NodeId provider)
    {
        Check(told.Alive.Add(provider) || told.Silenced.Contains(provider), "I7: the same return is told twice");
        Check(_frame != (byte)FrameType.SnapshotChunk, "I4: a snapshot made a provider alive");
        Check(_alive.TryGetValue(provider, out var at) && IsRecent(at), "I4: a provider counts as alive that has been dead for long");
    }

    private bool IsRecent(TimeSpan at) => world.Sim.Now - at <= _echo;

    private void WatchVersions(SimPeer peer)
    {
        var held = _held[peer.Number];
        var merged = peer.Node!.Book.CountOf(MergeOutcome.Newer);
        if (merged == held.Merged)
        {
            held.Note(world.Sim.Now, held.Last);
            return;
        }

        held.Merged = merged;
        var now = new Dictionary<(AssetKey, NodeId), PriceVersion>();
        var map = peer.Node.Book.Map;
        foreach (var key in map.Keys)
        {
            foreach (var reading in map.ReadingsOf(key))
            {
                now.Add((key, reading.Provider), reading.Version);
                Verify(reading);
            }
        }

        foreach (var (key, version) in held.Last)
            Check(now.TryGetValue(key, out var later) && later.CompareTo(version) >= 0, "I2: a node went back to an older version");
        held.Note(world.Sim.Now, now);
    }

    /// <summary>I2 for the tier that outlives the process.</summary>
    private void WatchDisk(SimDisk disk, Held held)
    {
        if (held.Writes == disk.Writes)
            return;
        held.Writes = disk.Writes;
        foreach (var (key, (version, _)) in disk.Prices)
        {
            Check(!held.OnDisk.TryGetValue(key, out var before) || version.CompareTo(before) >= 0, "I2: a disk went back to an older version");
            held.OnDisk[key] = version;
        }
    }

    private void Verify(HeldPrice reading)
    {
        // Copies differ in what each hop writes, which is not signed: type, then ttl and hop, then all the rest.
        if (_verified.TryGetValue(reading.Item.Update, out var verified) && verified.Span[3..].SequenceEqual(reading.Signed.Span[3..]))
            return;
        _verified[reading.Item.Update] = reading.Signed;
        Check(
            FrameCodec.TryDecode(reading.Signed, out var frame) == Refusal.None && frame is SignedFrame signed && signed.Envelope.IsSigned(_signatures)
                && world.Trusted.Contains(signed.Envelope.Signer) && signed.Envelope.Signer == reading.Provider,
            "I3: a price is held that nobody signed");
    }

    private void WatchBounds(GossipNode node)
    {
        var options = GossipOptions.Default;
        Check(node.Near.All.Count <= options.Outbound + options.MaxInbound + options.MaxGreetings + MostDials, "I6: too many connections");
        Check(node.Wants <= MessageCache.MaxMessages && node.Seen.Count <= SeenSet.MaxIds, "I6: too many ids");
        Check(node.Addresses.Entries.Count <= AddressBook.MaxNew + AddressBook.MaxTried, "I6: too many addresses");
        Check(node.Facts.Told.Count == 0 || world.Bug.RepeatsFacts, "I7: facts are left");
    }

    private static PriceVersion? VersionOf(SimPeer peer, AssetKey key, NodeId provider)
    {
        foreach (var reading in peer.Node!.Book.Map.ReadingsOf(key))
        {
            if (reading.Provider == provider)
                return reading.Version;
        }

        return null;
    }

    private static T Of<T>(Dictionary<int, T> all, int number)
        where T : new() => all.TryGetValue(number, out var one) ? one : all[number] = new();
}
