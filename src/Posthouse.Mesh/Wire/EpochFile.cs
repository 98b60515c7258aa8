using System.Globalization;
using System.Text;
using Posthouse.Storage;

namespace Posthouse.Mesh.Wire;

/// <summary>Counts the starts of a node's process on disk, so that everything it says counts as newer than all that earlier lives said.</summary>
internal static class EpochFile
{
    /// <summary>
    /// Counts this start. A missing or damaged count goes on from the seconds since 1970: no node starts once a second, so that is above
    /// every count that can have been lost.
    /// </summary>
    /// <param name="path">The file; this user's alone.</param>
    /// <param name="now">The wall clock.</param>
    /// <returns>The epoch, on disk before it is returned.</returns>
    /// <exception cref="IOException">It could not be written; nothing may be signed then.</exception>
    public static uint Next(string path, DateTimeOffset now)
    {
        var epoch = File.Exists(path) && uint.TryParse(File.ReadAllText(path).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                    && last is > 0 and < uint.MaxValue
            ? last + 1
            : (uint)Math.Clamp(now.ToUnixTimeSeconds(), 1, uint.MaxValue);
        Durable.WriteAllBytesAtomically(path, Encoding.ASCII.GetBytes(epoch.ToString(CultureInfo.InvariantCulture) + "\n"));
        return epoch;
    }
}
