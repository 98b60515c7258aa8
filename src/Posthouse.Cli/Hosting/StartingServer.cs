using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// A server between its first check and its queue's own entry: an instance already, so that of two which start at once and disagree the later one
/// finds the earlier. Should it die here, it is taken for gone after a while as any other.
/// </summary>
internal sealed class StartingServer(IStore store, IIds ids) : IAsyncDisposable
{
    private readonly string _id = $"{Environment.ProcessId}-{ids.NextUInt64():x16}";

    /// <summary>Enters it, or says that it is still there; in the transaction that checks.</summary>
    public void Enter(IWrite write) => write.Execute("""
        INSERT INTO instance (id, pid, started_at, boot, seen_at) VALUES ($1, $2, $3, $4, $3) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
        """, _id, Environment.ProcessId, write.Now.ToUnixTimeMilliseconds(), Durable.BootId());

    /// <summary>Whether another server of the database runs or starts.</summary>
    public bool HasOthers(IWrite write) => write.Scalar(
        "SELECT count(*) FROM instance WHERE seen_at > $1 AND id <> $2", write.Now.ToUnixTimeMilliseconds() - (long)TimedPresence.Silence.TotalMilliseconds, _id) > 0;

    /// <summary>Leaves: the queue has entered, or the start has failed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await store.WriteAsync(write => write.Execute("DELETE FROM instance WHERE id = $1", _id));
        }
        catch (PosthouseException)
        {
            // The database is away. What it holds of this server grows old.
        }
    }
}
