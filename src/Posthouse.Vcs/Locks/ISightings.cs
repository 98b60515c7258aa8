namespace Posthouse.Vcs.Locks;

/// <summary>
/// Since when a register's version is known here to be unchanged: the second of the two clocks that must agree before an expired
/// lock is taken over. Kept across processes.
/// </summary>
public interface ISightings
{
    /// <summary>Notes that a register was seen in a version, and answers for how long it has been that one, by the smaller of wall
    /// clock and monotonic clock; zero at the first sight, after a reboot, and when the clock went back.</summary>
    ValueTask<TimeSpan> SeenAsync(ResourceKey key, VersionToken version);
}
