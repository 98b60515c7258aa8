using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync;

/// <summary>Whose a lock is, as far as it is known here. The numbers are stored.</summary>
internal enum KnownStanding
{
    /// <summary>Another's, or nobody's.</summary>
    NotMine = 0,

    /// <summary>This clone's.</summary>
    Mine = 1,

    /// <summary>It was this clone's, and another took or broke it.</summary>
    Lost = 2,
}

/// <summary>A lock as it was when it was last heard of.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Version">The register's version then.</param>
/// <param name="Record">What it held, or null.</param>
/// <param name="Standing">Whose it was.</param>
/// <param name="SeenAt">When that was.</param>
internal sealed record KnownLock(ResourceKey Key, VersionToken Version, LockRecord? Record, KnownStanding Standing, DateTimeOffset SeenAt);

/// <summary>
/// The last that is known of each lock. What verbs show without a network, and which locks a push has to take along; it decides
/// nothing, for the remote's registers do.
/// </summary>
internal sealed class LockBook(IStore store)
{
    /// <summary>Longer than any exchange of a lock takes.</summary>
    private static readonly TimeSpan _lateLook = TimeSpan.FromMinutes(1);

    private const string Select = "SELECT path, version, record, standing, seen_at FROM vcs_lock";

    /// <summary>Notes what a register was seen to hold.</summary>
    public Task SeenAsync(LockOwner me, LockView view) => store.WriteAsync(write => Keep(write, me, view.Key, view.Version, view.Record));

    /// <summary>Notes what all registers were seen to hold; those that were not among them are forgotten.</summary>
    public Task SeenAllAsync(LockOwner me, IReadOnlyList<LockView> views) => store.WriteAsync(write =>
    {
        var gone = List(write, me.CloneId).Where(known => known.Standing is KnownStanding.NotMine).Select(known => known.Key).Except(views.Select(view => view.Key));
        foreach (var key in gone) { Forget(write, me.CloneId, key); }
        foreach (var view in views) { Keep(write, me, view.Key, view.Version, view.Record); }
        return views.Count;
    });

    /// <summary>The loss of a lock was told, and need not be told again.</summary>
    public Task ToldAsync(string cloneId, ResourceKey key) => store.WriteAsync(write =>
        write.Execute("UPDATE vcs_lock SET standing = 0 WHERE clone_id = $1 AND resource = $2 AND standing = 2", cloneId, key.Hex));

    /// <summary>All that is known of a clone's locks.</summary>
    public static List<KnownLock> List(IRead read, string cloneId) => read.Query(Select + " WHERE clone_id = $1 ORDER BY path", Row, cloneId);

    /// <summary>What is known of one, or null.</summary>
    public static KnownLock? Find(IRead read, string cloneId, ResourceKey key) =>
        read.QueryFirst(Select + " WHERE clone_id = $1 AND resource = $2", Row, cloneId, key.Hex);

    /// <summary>Notes what a register holds, in a transaction. A lock that was this clone's and is another's now, or was broken, is lost.</summary>
    public static bool Keep(IWrite write, LockOwner me, ResourceKey key, VersionToken version, LockRecord? record)
    {
        var before = Find(write, me.CloneId, key);
        // Two processes look at one register, and the later look may be written first. After a while a lower number means that the
        // register was made anew.
        if (before?.Record is { } known && record is { } seen && seen.Seq < known.Seq && write.Now - before.SeenAt < _lateLook) { return false; }

        return write.Execute("""
            INSERT INTO vcs_lock(clone_id, resource, path, version, record, standing, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (clone_id, resource) DO UPDATE SET path = excluded.path, version = excluded.version, record = excluded.record,
                   standing = excluded.standing, seen_at = excluded.seen_at
            """, me.CloneId, key.Hex, key.Path, version.Value, record is null ? null : LockRecordJson.Write(record),
            (long)StandingOf(me, before, record), write.Now.ToUnixTimeMilliseconds()) > 0;
    }

    /// <summary>Whose a register is, given what was known of it before.</summary>
    internal static KnownStanding StandingOf(LockOwner me, KnownLock? before, LockRecord? record)
    {
        var isMine = record is { State: LockState.Held } && me.IsSame(record.Owner);
        if (isMine) { return KnownStanding.Mine; }

        var wasMine = before?.Standing is KnownStanding.Mine or KnownStanding.Lost;
        // What this clone released, or broke, itself was not taken from it.
        var gaveBack = record is { State: LockState.Released } && me.IsSame(record.Owner) || record is { State: LockState.Broken } && me.IsSame(record.By);
        return wasMine && !gaveBack ? KnownStanding.Lost : KnownStanding.NotMine;
    }

    private static void Forget(IWrite write, string cloneId, ResourceKey key) =>
        write.Execute("DELETE FROM vcs_lock WHERE clone_id = $1 AND resource = $2", cloneId, key.Hex);

    private static KnownLock Row(IRow row) => new(
        ResourceKey.Of(row.Text(0)), new VersionToken(row.TextOrNull(1)), row.BytesOrNull(2) is { } bytes ? LockRecordJson.TryRead(bytes) : null,
        (KnownStanding)row.Int64(3), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(4)));
}
