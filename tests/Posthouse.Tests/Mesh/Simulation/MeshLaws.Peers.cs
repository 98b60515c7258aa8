using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Simulation;

/// <content>What must hold of peers that lie, are slow, or only seem dead.</content>
internal sealed partial class MeshLaws
{
    /// <summary>Above every honest price, and below every lie.</summary>
    private const decimal HighestHonest = 200;

    /// <summary>A reading so young counts wherever it is held: less than the 90 s for which one is live.</summary>
    private static readonly TimeSpan _counts = TimeSpan.FromSeconds(80);

    /// <summary>For how long what cut or stopped a peer explains its silence: a silence of 10 s, a heartbeat, and a freeze of the one who judges.</summary>
    private static readonly TimeSpan _explains = TimeSpan.FromSeconds(32);

    /// <summary>The longest that a frame waits for a slow peer.</summary>
    private static readonly TimeSpan _mayWait = OutQueue.MaxWait + TimeSpan.FromMilliseconds(1);

    /// <summary>A node gave a connection up because nothing came over it.</summary>
    public void OnSilent(SimPeer peer, SimWire wire)
    {
        var other = wire.Other(peer);
        // Whom others do not listen to any more they do not answer either.
        var isExplained = world.Loss > 0 || peer == world.Attacker || !wire.Leads(peer) || other.Slowness > TimeSpan.Zero
            || IsExplainedBy(other.SlowUntil) || IsExplainedBy(world.LastCut) || IsExplainedBy(other.FrozenUntil) || IsExplainedBy(peer.FrozenUntil);
        Check(isExplained, "a living peer was held for dead");
        world.Sim.Reach("silence");
    }

    /// <summary>I6: a frame goes out to a slow peer.</summary>
    /// <param name="waited">For how long it waited.</param>
    /// <param name="left">What still waits.</param>
    public void OnTaken(TimeSpan waited, OutQueue left)
    {
        Check(waited <= _mayWait, "I6: a slow peer gets what is long overtaken");
        Check(left.Count <= 2 * OutQueue.MaxFrames && left.Bytes <= 2 * OutQueue.MaxBytes, "I6: too much waits for a slow peer");
    }

    /// <summary>A lie does not move what is served where two honest providers say otherwise.</summary>
    private void WatchServed(SimPeer peer)
    {
        if (world.Liar is null)
            return;
        var now = peer.Now.Wall;
        foreach (var asset in MeshWorld.Assets)
        {
            var (honest, lies) = (0, 0);
            foreach (var reading in peer.Node!.Book.Map.ReadingsOf(asset))
            {
                if (now - reading.ObservedAt > _counts)
                    continue;
                honest += reading.Price <= HighestHonest ? 1 : 0;
                lies += reading.Price > HighestHonest ? 1 : 0;
            }

            if (honest < 2 || lies == 0)
                continue;
            world.Sim.Reach("lie");
            Check(peer.Node.Book.GetPriceData(asset, now) is { } served && served.Price <= HighestHonest, "a price ten times too high is served though two providers say otherwise");
        }
    }

    private bool IsExplainedBy(TimeSpan? at) => at is { } time && world.Sim.Now - time <= _explains;
}
