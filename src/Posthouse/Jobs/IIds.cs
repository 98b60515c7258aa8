using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Posthouse.Jobs;

/// <summary>
/// The one source of randomness. Ids, jitter and nonces are drawn here and nowhere else, so that a simulation
/// can replay a whole run from one seed.
/// </summary>
public interface IIds
{
    /// <summary>Fills <paramref name="bytes"/> with random bytes.</summary>
    void Fill(Span<byte> bytes);
}

/// <summary>What is drawn from <see cref="IIds"/>: numbers in the shapes the house needs.</summary>
public static class IdsExtensions
{
    /// <summary>A random 64-bit number, every value equally likely.</summary>
    public static ulong NextUInt64(this IIds ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Span<byte> bytes = stackalloc byte[8];
        ids.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>A random fraction in [0, 1), for jitter.</summary>
    public static double NextFraction(this IIds ids) => (ids.NextUInt64() >> 11) * (1.0 / (1UL << 53));
}

/// <summary>Randomness of the operating system, fit for secrets. The production port.</summary>
public sealed class SystemIds : IIds
{
    /// <summary>The one instance; it has no state.</summary>
    public static SystemIds Instance { get; } = new();

    private SystemIds()
    {
    }

    /// <inheritdoc/>
#pragma warning disable RS0030 // This is the port that the ban points to.
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
}
