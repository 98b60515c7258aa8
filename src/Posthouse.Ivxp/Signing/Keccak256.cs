using System.Buffers.Binary;
using System.Numerics;

namespace Posthouse.Ivxp.Signing;

/// <summary>
/// Keccak-256 with the padding of the original submission (0x01), as Ethereum uses it; SHA3-256 of FIPS 202 pads with
/// 0x06 and gives other digests. Sponge of 1,600 bits, rate 1,088 bits, 24 rounds; nothing is allocated.
/// </summary>
public static class Keccak256
{
    /// <summary>Bytes of a digest.</summary>
    public const int DigestBytes = 32;

    private const int RateBytes = 136;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    // Rho offsets and pi targets in the order in which one lane's value wanders through the state.
    private static ReadOnlySpan<byte> Rotations => [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];

    private static ReadOnlySpan<byte> Targets => [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

    /// <summary>Writes the digest of <paramref name="data"/> to the first 32 bytes of <paramref name="digest"/>.</summary>
    /// <param name="data">What is hashed, of any length.</param>
    /// <param name="digest">At least 32 bytes; may overlap nothing of <paramref name="data"/>.</param>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digest.Length, DigestBytes);
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        while (data.Length >= RateBytes)
        {
            Absorb(state, data);
            data = data[RateBytes..];
        }
        Span<byte> last = stackalloc byte[RateBytes];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = 0x01;
        last[^1] |= 0x80;
        Absorb(state, last);
        for (var lane = 0; lane < DigestBytes / 8; lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(digest[(lane * 8)..], state[lane]);
    }

    /// <summary>The digest of <paramref name="data"/>, 32 bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data)
    {
        var digest = new byte[DigestBytes];
        Hash(data, digest);
        return digest;
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var lane = 0; lane < RateBytes / 8; lane++)
            state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * 8)..]);
        Span<ulong> row = stackalloc ulong[5];
        foreach (var constant in RoundConstants)
        {
            Theta(state, row);
            RhoAndPi(state);
            Chi(state, row);
            state[0] ^= constant;
        }
    }

    private static void Theta(Span<ulong> state, Span<ulong> parity)
    {
        for (var x = 0; x < 5; x++)
            parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        for (var x = 0; x < 5; x++)
        {
            var change = parity[(x + 4) % 5] ^ BitOperations.RotateLeft(parity[(x + 1) % 5], 1);
            for (var y = 0; y < 25; y += 5)
                state[x + y] ^= change;
        }
    }

    private static void RhoAndPi(Span<ulong> state)
    {
        var carried = state[1];
        for (var step = 0; step < 24; step++)
        {
            var target = Targets[step];
            var next = state[target];
            state[target] = BitOperations.RotateLeft(carried, Rotations[step]);
            carried = next;
        }
    }

    private static void Chi(Span<ulong> state, Span<ulong> row)
    {
        for (var y = 0; y < 25; y += 5)
        {
            state.Slice(y, 5).CopyTo(row);
            for (var x = 0; x < 5; x++)
                state[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
        }
    }
}
