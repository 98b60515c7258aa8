using System.Buffers.Binary;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;

namespace Posthouse.Tests.Ivxp;

/// <summary>The same bytes on every run, never the same twice in one: a chain of digests.</summary>
internal sealed class SeededIds(long seed) : IIds
{
    private long _drawn;

    public void Fill(Span<byte> bytes)
    {
        var block = new byte[16];
        for (var at = 0; at < bytes.Length; at += Keccak256.DigestBytes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(block, seed);
            BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(8), _drawn++);
            Keccak256.Hash(block).AsSpan(0, Math.Min(Keccak256.DigestBytes, bytes.Length - at)).CopyTo(bytes[at..]);
        }
    }
}
