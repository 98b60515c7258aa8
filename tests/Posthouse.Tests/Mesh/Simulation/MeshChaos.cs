using Posthouse.Mesh.Wire;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>What goes wrong in one run. Each kind of fault is in some runs and not in others; some runs have none.</summary>
internal sealed class MeshChaos
{
    /// <summary>For so many nodes more, one more is struck at a time: a few faults in ten thousand nodes are none.</summary>
    private const int NodesOfStrike = 1_000;

    private readonly MeshWorld _world;
    private readonly Sim _sim;
    private readonly double _crashes;
    private readonly double _freezes;
    private readonly double _cuts;
    private readonly double _partitions;
    private readonly double _steps;
    private readonly double _dryness;
    private readonly double _slowness;
    private readonly List<ReadOnlyMemory<byte>> _captured = [];
    private ulong _forged;

    public MeshChaos(MeshWorld world)
    {
        (_world, _sim) = (world, world.Sim);
        if (_sim.Chance(0.2))
            return;
        _crashes = Draw(0.5, 0.3);
        _freezes = Draw(0.4, 0.2);
        _cuts = Draw(0.4, 0.3);
        _partitions = Draw(0.4, 0.06);
        _steps = Draw(0.3, 0.1);
        _dryness = Draw(0.3, 0.1);
        _slowness = Draw(0.4, 0.2);
        world.Liar = _sim.Chance(0.3) ? world.Peers[1 + _sim.Random.Next(3)] : null;
        world.Attacker = _sim.Chance(0.4) ? world.Peers[^2] : null;
        world.Loss = Draw(0.3, 0.1);
        if (_sim.Chance(0.5))
        {
            foreach (var peer in world.Peers)
                peer.Skew = _sim.Between(TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(2));
        }
    }

    /// <summary>Whether nothing goes wrong in this run.</summary>
    public bool IsCalm => _crashes + _freezes + _cuts + _partitions + _steps + _dryness + _slowness + _world.Loss == 0 && _world.Attacker is null && _world.Liar is null && _world.Peers.All(peer => peer.Skew == TimeSpan.Zero);

    /// <summary>One second's faults.</summary>
    public void Strike()
    {
        foreach (var dead in _world.Peers.Where(peer => peer.Node is null && peer.Life > 0 && _sim.Chance(0.15)).ToList())
            Restart(dead);
        for (var strike = 0; strike <= _world.Peers.Count / NodesOfStrike; strike++)
            StrikeOne();
        if (_sim.Chance(_partitions))
            Part();
        if (_sim.Chance(_dryness))
        {
            _sim.Reach("source");
            _world.Peers[1 + _sim.Random.Next(3)].HasSource ^= true;
        }

        _world.Liar?.IsLying = true;
        if (_world.Attacker is { Node: not null, Wires.Count: > 0 } attacker)
            Attack(attacker);
    }

    /// <summary>What happens to one node, whichever it is.</summary>
    private void StrikeOne()
    {
        if (_sim.Chance(_crashes))
        {
            _sim.Reach("crash");
            Any().Crash(isPowerLoss: _sim.Chance(0.5));
        }

        if (_sim.Chance(_freezes))
            _world.Freeze(Any(), _sim.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)));
        if (_sim.Chance(_cuts))
        {
            _sim.Reach("cut");
            _world.Cut(Any(), Any());
        }

        if (_sim.Chance(_steps))
        {
            _sim.Reach("clock step");
            Any().Skew = _sim.Between(TimeSpan.FromSeconds(-40), TimeSpan.FromSeconds(40));
        }

        if (_sim.Chance(_slowness))
        {
            _sim.Reach("slow peer");
            Any().Slowness = _sim.Between(TimeSpan.FromSeconds(0.05), TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Ends all faults. A loss of frames goes on, for that is what networks do.</summary>
    public void Heal()
    {
        _world.HealCuts();
        foreach (var peer in _world.Peers)
        {
            (peer.HasSource, peer.IsLying, peer.Slowness) = (true, false, TimeSpan.Zero);
            if (peer.Skew.Duration() > TimeSpan.FromSeconds(2))
                peer.Skew = TimeSpan.Zero;
        }

        foreach (var dead in _world.Peers.Where(peer => peer.Node is null && peer.Life > 0).ToList())
            Restart(dead);
    }

    private double Draw(double chance, double most) => _sim.Chance(chance) ? most * _sim.Random.NextDouble() : 0;

    private SimPeer Any()
    {
        var living = _world.Living.ToList();
        return living[_sim.Random.Next(living.Count)];
    }

    private void Restart(SimPeer peer)
    {
        var withDisk = _sim.Chance(0.7);
        _sim.Reach(withDisk ? "restart" : "restart without disk");
        peer.Start(withDisk);
    }

    private void Part()
    {
        _world.Part();
        _sim.After(_sim.Between(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(25)), null, _world.HealCuts);
    }

    /// <summary>Sends what no honest node sends.</summary>
    private void Attack(SimPeer attacker)
    {
        var wires = attacker.Wires.Values.ToList();
        _world.Carry(wires[_sim.Random.Next(wires.Count)], attacker, Bad(_sim.Random.Next(5)));
    }

    private byte[] Bad(int kind)
    {
        _sim.Reach("attack");
        var now = SimTime.Start + _sim.Now;
        if (kind == 0)
            return [(byte)FrameType.PriceUpdate, 1, 2, 3];
        if (kind == 1 && _captured.Count > 0)
            return _captured[_sim.Random.Next(_captured.Count)].ToArray();
        var signer = new TagKey(kind == 2 ? 77_777 : (ulong)(1 + _sim.Random.Next(3)));
        var content = new PriceContent(0, [new(MeshWorld.Assets[1], 1_000_000, now)]);
        var frame = new Signatory(signer, MeshWorld.Network, 9).Sign(content, now + TimeSpan.FromMilliseconds(_forged++)).Envelope.Frame.ToArray();
        if (kind != 2)
            frame[^1] ^= 1;
        _captured.Add(frame);
        return frame;
    }
}
