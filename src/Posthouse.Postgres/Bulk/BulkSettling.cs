using NpgsqlTypes;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Postgres.Bulk;

/// <summary>Writes together that jobs arrived. Only present leases settle, as everywhere.</summary>
internal static class BulkSettling
{
    /// <summary>What nobody holds any more, and who waits for it, in the same journey.</summary>
    private const string Finish = """
        WITH done AS (
          UPDATE job SET state = 2, lost = 0, instance = NULL, lease_until = NULL, result = one.result, ended_at = $1
          FROM unnest($2, $3, $4, $5) AS one(seq, fence, id, result)
          WHERE job.seq = one.seq AND job.claims = one.fence AND job.state = 1 AND job.id = one.id
          RETURNING job.seq, job.name, job.owner, job.bytes),
        gone AS (DELETE FROM job_file WHERE seq IN (SELECT seq FROM done) RETURNING seq, size)
        SELECT seq, name, owner, bytes, (SELECT sum(size)::BIGINT FROM gone WHERE gone.seq = done.seq), EXISTS (SELECT 1 FROM job_after WHERE after = done.seq) FROM done
        """;

    /// <summary>Settles what can be; the operations find their answers in <see cref="SettleOperation.Settled"/>.</summary>
    public static void Run(PostgresDatabase database, Group group, IReadOnlyList<SettleOperation> operations)
    {
        var first = new Dictionary<long, SettleOperation>();
        foreach (var operation in operations)
        {
            first.TryAdd(operation.Lease.Seq, operation); // A second answer to the same job runs alone, and is refused.
        }

        if (first.Count == 0)
        {
            return;
        }

        var arrived = Write(database, group, [.. first.Values]);
        foreach (var operation in first.Values)
        {
            operation.Settled = false;
        }

        foreach (var row in arrived)
        {
            first[row.Seq].Settled = true;
        }

        if (arrived.Count > 0)
        {
            Tell(database, group, arrived, first);
        }
    }

    private static List<Arrived> Write(PostgresDatabase database, Group group, SettleOperation[] operations)
    {
        var arrived = new List<Arrived>(operations.Length);
        Arrays.Read(
            database,
            Finish,
            row => arrived.Add(new(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetInt64(3), row.IsDBNull(4) ? 0 : row.GetInt64(4), row.GetBoolean(5))),
            Arrays.One(NpgsqlDbType.Bigint, group.NowMs),
            Arrays.Of(NpgsqlDbType.Bigint, Array.ConvertAll(operations, operation => operation.Lease.Seq)),
            Arrays.Of(NpgsqlDbType.Bigint, Array.ConvertAll(operations, operation => operation.Lease.Fence)),
            Arrays.Of(NpgsqlDbType.Text, Array.ConvertAll(operations, operation => operation.Lease.Id.Value)),
            Arrays.Of(NpgsqlDbType.Bytea, Array.ConvertAll(operations, operation => operation.Result)));
        group.Changed(position: 0);
        return arrived;
    }

    private static void Tell(PostgresDatabase database, Group group, List<Arrived> arrived, Dictionary<long, SettleOperation> operations)
    {
        group.Totals.Add(-arrived.Count, -arrived.Sum(row => row.Bytes), -arrived.Sum(row => row.FileBytes));
        BulkEvents.Run(database, group, JobEventBodies.Done, [.. arrived.Select(row => operations[row.Seq].Lease.Id.Value)], [.. arrived.Select(row => row.Owner)],
            [.. arrived.Select(row => JobEventBodies.OfDone(row.Name, operations[row.Seq].Result))]);
        foreach (var row in arrived.Where(row => row.IsAwaited).OrderBy(row => row.Seq))
        {
            Edges.ReleaseBehind(group, row.Seq);
        }
    }

    private readonly record struct Arrived(long Seq, string Name, string? Owner, long Bytes, long FileBytes, bool IsAwaited);
}
