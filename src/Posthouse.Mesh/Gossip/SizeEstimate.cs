using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// How many nodes there are, found without anybody knowing them all: a HyperLogLog sketch (Flajolet et al., 2007) of 1,024 registers, with
/// an error of about 3 %. Merging is taking the larger of each register, so no node is counted twice by whatever ways it is heard of.
/// </summary>
internal sealed class SizeEstimate
{
    private const int IndexBits = 10;

    // The bias of the raw estimate for 128 registers and more.
    private const double Alpha = 0.7213 / (1 + (1.079 / MeshProtocol.SketchRegisters));

    private readonly byte[] _registers = new byte[MeshProtocol.SketchRegisters];

    /// <summary>The registers, to send.</summary>
    public byte[] ToArray() => [.. _registers];

    /// <summary>Counts a node; one that was counted changes nothing.</summary>
    public void Add(NodeId node)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        node.Write(bytes);
        SHA256.HashData(bytes[..NodeId.Size], bytes);
        var hash = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        ref var register = ref _registers[hash & (MeshProtocol.SketchRegisters - 1)];
        // The lowest bits name the register; without them at most 54 zeros can come before the first 1.
        register = Math.Max(register, (byte)(BitOperations.LeadingZeroCount(hash | ((1 << IndexBits) - 1)) + 1));
    }

    /// <summary>Takes in what another node counted.</summary>
    /// <param name="registers">1,024 registers, as a <see cref="SizeSketch"/> has them.</param>
    /// <returns>Whether anything was new.</returns>
    public bool Merge(ReadOnlySpan<byte> registers)
    {
        if (registers.SequenceEqual(_registers))
            return false;
        var isNew = false;
        for (var at = 0; at < _registers.Length; at++)
        {
            isNew |= registers[at] > _registers[at];
            _registers[at] = Math.Max(_registers[at], registers[at]);
        }

        return isNew;
    }

    /// <summary>Begins anew: those who left are counted no more.</summary>
    public void Clear() => Array.Clear(_registers);

    /// <summary>How many nodes were counted, about.</summary>
    public int Count()
    {
        double sum = 0;
        var empty = 0;
        foreach (var register in _registers)
        {
            sum += 1.0 / (1UL << register);
            empty += register == 0 ? 1 : 0;
        }

        const double Registers = MeshProtocol.SketchRegisters;
        var raw = Alpha * Registers * Registers / sum;
        // Few nodes leave registers empty, and their number tells more than the rest.
        var count = raw <= 2.5 * Registers && empty > 0 ? Registers * Math.Log(Registers / empty) : raw;
        return (int)Math.Min(Math.Round(count), int.MaxValue);
    }
}
