using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync;

/// <summary>The journal of built records, in the person's store.</summary>
internal sealed class LockJournal(IStore store, TimeProvider time) : ILockJournal
{
    /// <summary>No operation is tried for longer than its age allows, 7 days, and a decision to retry may come later.</summary>
    private static readonly TimeSpan _keep = TimeSpan.FromDays(30);

    public async ValueTask<BuiltRecord?> FindAsync(string opId) => await store.ReadAsync(read => read.QueryFirst(
        "SELECT path, expected, built FROM vcs_built WHERE op_id = $1",
        row => new BuiltRecord(ResourceKey.Of(row.Text(0)), new VersionToken(row.TextOrNull(1)), new VersionToken(row.TextOrNull(2))), opId));

    public async ValueTask KeepAsync(string opId, BuiltRecord built)
    {
        var now = time.GetUtcNow();
        await store.WriteAsync(write =>
        {
            write.Execute("DELETE FROM vcs_built WHERE built_at < $1", (now - _keep).ToUnixTimeMilliseconds());
            return write.Execute("""
                INSERT INTO vcs_built(op_id, path, expected, built, built_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (op_id) DO UPDATE SET path = excluded.path, expected = excluded.expected, built = excluded.built, built_at = excluded.built_at
                """, opId, built.Key.Path, built.Expected.Value, built.Built.Value, now.ToUnixTimeMilliseconds());
        });
    }
}
