using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync;

/// <summary>
/// Sightings of one clone's registers, in the person's store. The monotonic clock stands in a suspended machine and starts anew
/// with each boot; the wall clock can be set. Only what both say is believed.
/// </summary>
/// <param name="store">The person's store.</param>
/// <param name="cloneId">The clone.</param>
/// <param name="time">Both clocks.</param>
/// <param name="boot">Names the machine's present start.</param>
internal sealed class Sightings(IStore store, string cloneId, TimeProvider time, string boot) : ISightings
{
    public async ValueTask<TimeSpan> SeenAsync(ResourceKey key, VersionToken version)
    {
        var now = new Sight(version.Value ?? "", time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetTimestamp() * 1_000 / time.TimestampFrequency, boot);
        var known = await store.ReadAsync(read => Find(read, key));
        if (known is not null && Since(known, now) is { } since) { return since; }

        return await store.WriteAsync(write =>
        {
            // Another process may have seen it in between, and earlier.
            if (Find(write, key) is { } other && Since(other, now) is { } earlier) { return earlier; }
            write.Execute("""
                INSERT INTO vcs_sighting(clone_id, resource, version, wall_ms, ticks_ms, boot) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (clone_id, resource) DO UPDATE SET version = excluded.version, wall_ms = excluded.wall_ms, ticks_ms = excluded.ticks_ms, boot = excluded.boot
                """, cloneId, key.Hex, now.Version, now.WallMs, now.TicksMs, now.Boot);
            return TimeSpan.Zero;
        });
    }

    /// <summary>For how long a version is known; null where the sight of before says nothing about now.</summary>
    internal static TimeSpan? Since(Sight then, Sight now) =>
        then.Version == now.Version && then.Boot == now.Boot && now.WallMs >= then.WallMs && now.TicksMs >= then.TicksMs
            ? TimeSpan.FromMilliseconds(Math.Min(now.WallMs - then.WallMs, now.TicksMs - then.TicksMs))
            : null;

    private Sight? Find(IRead read, ResourceKey key) => read.QueryFirst(
        "SELECT version, wall_ms, ticks_ms, boot FROM vcs_sighting WHERE clone_id = $1 AND resource = $2",
        row => new Sight(row.Text(0), row.Int64(1), row.Int64(2), row.Text(3)), cloneId, key.Hex);

    /// <param name="Version">What was seen.</param>
    /// <param name="WallMs">When, by the wall clock.</param>
    /// <param name="TicksMs">When, by the monotonic clock.</param>
    /// <param name="Boot">Which start of the machine that clock counts from.</param>
    internal sealed record Sight(string Version, long WallMs, long TicksMs, string Boot);
}
