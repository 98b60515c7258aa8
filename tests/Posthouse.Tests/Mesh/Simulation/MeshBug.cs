using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>A mistake that is planted around the engine, never in it: at its ports, on its disk, on its wires.</summary>
internal sealed record MeshBug(string Name)
{
    public static readonly MeshBug None = new("none");

    /// <summary>Changes what a node gets: another frame, several, or none.</summary>
    public Func<ReadOnlyMemory<byte>, IEnumerable<ReadOnlyMemory<byte>>>? Receives { get; init; }

    /// <summary>Signatures are not checked.</summary>
    public bool ChecksNothing { get; init; }

    /// <summary>Each process starts with the epoch of the one before.</summary>
    public bool KeepsEpoch { get; init; }

    /// <summary>The end of a connection is not told, and something on the way answers pings for the dead.</summary>
    public bool HidesEnds { get; init; }

    /// <summary>What is written gets to the disk so much later.</summary>
    public double WritesLate { get; init; }

    /// <summary>A write may get to the disk after a later one, and undoes it.</summary>
    public bool WritesOvertake { get; init; }

    /// <summary>Each order to fetch is carried out by a second thread too.</summary>
    public bool FetchesTwice { get; init; }

    /// <summary>Facts are not cleared after they were taken.</summary>
    public bool RepeatsFacts { get; init; }

    /// <summary>Providers fetch only while all of them live.</summary>
    public bool LeavesSlots { get; init; }

    /// <summary>What waits for a slow peer waits for ever.</summary>
    public bool NeverLate { get; init; }

    /// <summary>How the served price is chosen.</summary>
    public AggregationRule Rule { get; init; } = AggregationRule.Auto;

    /// <summary>Ticks stop after a freeze.</summary>
    public bool StopsAfterFreeze { get; init; }

    public override string ToString() => Name;

    /// <summary>Frames of one type never arrive.</summary>
    public static MeshBug Drops(string name, params FrameType[] types) => new(name) { Receives = frame => types.Contains((FrameType)frame.Span[0]) ? [] : [frame] };

    /// <summary>The updates in a snapshot are taken for live ones.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> SyncAsLive(ReadOnlyMemory<byte> bytes) =>
        bytes.Span[0] == (byte)FrameType.SnapshotChunk && FrameCodec.TryDecode(bytes, out var frame) == Refusal.None && frame is SnapshotChunk chunk ? chunk.Updates : [bytes];
}

/// <summary>The mistakes that the simulation has to find.</summary>
internal static class MeshBugs
{
    public static readonly MeshBug[] All =
    [
        new("a snapshot counts as live") { Receives = MeshBug.SyncAsLive },
        new("signatures are not checked") { ChecksNothing = true },
        new("an epoch is used twice") { KeepsEpoch = true },
        new("the end of a connection is not told") { HidesEnds = true },
        new("writes come late") { WritesLate = 4 },
        new("writes overtake each other") { WritesOvertake = true },
        new("a fetch is made twice") { FetchesTwice = true },
        new("facts are told again") { RepeatsFacts = true },
        new("ticks stop after a freeze") { StopsAfterFreeze = true },
        MeshBug.Drops("nobody compares", FrameType.DigestRequest),
        MeshBug.Drops("snapshots are lost", FrameType.SnapshotChunk),
        MeshBug.Drops("beacons are lost", FrameType.ProviderBeacon, FrameType.NetworkStatus),
        MeshBug.Drops("prices are lost", FrameType.PriceUpdate),
        MeshBug.Drops("pings are not answered", FrameType.Pong),
        new("nobody takes a dead provider's slot") { LeavesSlots = true },
        new("the last to speak is believed") { Rule = AggregationRule.Newest },
        new("nothing is too late for a slow peer") { NeverLate = true },
    ];
}
