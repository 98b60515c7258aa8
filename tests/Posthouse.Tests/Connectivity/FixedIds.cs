using System.Buffers.Binary;
using Posthouse.Jobs;

namespace Posthouse.Tests.Connectivity;

/// <summary>Draws the same fraction every time.</summary>
internal sealed class FixedIds(double fraction) : IIds
{
    public void Fill(Span<byte> bytes) => BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(fraction * (1UL << 53)) << 11);
}
