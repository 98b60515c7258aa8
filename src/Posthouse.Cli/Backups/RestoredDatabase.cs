using Posthouse.Cli.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Cli.Backups;

/// <summary>A store that the database's own means put back. It does not know that it was, so somebody says it before a server starts; see <see cref="StationRestore"/>.</summary>
internal static class RestoredDatabase
{
    /// <summary>Pauses the queue and sets what only rises far ahead, in one transaction.</summary>
    /// <returns>How many jobs are open.</returns>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: no store is there. STORE_BUSY: a server runs on it.</exception>
    public static async Task<long> ReadyAsync(StationDatabase database, QueueLimits limits, TimeProvider time)
    {
        // Not opened before somebody looked: that would set up an empty schema where the dump was put elsewhere.
        using (var look = StationPostgres.TryLook(database, time))
        {
            if (look is null)
            {
                throw new PosthouseException(ErrorCodes.StoreUnavailable, $"There is no store at {database.Shown}. Put it back with pg_restore first, and see that {StoreKeys.Connection} and {StoreKeys.Schema} name it.");
            }
        }

        await using var store = StationPostgres.Open(database, limits, [], time, watch: null, new JobRegistry());
        return await store.WriteAsync(write =>
        {
            if (write.Query("SELECT id FROM instance", row => new InstanceId(row.Text(0))).Exists(instance => StationPostgres.IsAlive(write, instance)))
            {
                throw new PosthouseException(ErrorCodes.StoreBusy, $"A server runs on {database.Shown}, or did within the minute before the dump. Wait that minute, and stop what runs; this is for a store that no server has begun to work.");
            }

            write.Scalar("SELECT setval(pg_get_serial_sequence('event', 'position'), greatest((SELECT max(position) FROM event), (SELECT position FROM event_swept), 1) + $1)", StationRestore.Ahead);
            StationRestore.GoAhead(write, write.Scalar("SELECT count(*) FROM schema_part WHERE name = 'ivxp'") > 0);
            write.Append(new EventDraft(StationRestore.Room, "", StationRestore.Restored, null, "{}"u8.ToArray()));
            return JobReads.Count(write).Open;
        });
    }
}
