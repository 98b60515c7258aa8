using System.Data.Common;
using Npgsql;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Postgres;

/// <summary>
/// Enqueues inside an application's own transaction. A plain job waits for nobody, so that a long transaction holds up nobody;
/// one with a lane, a key, files, jobs before it or an owner that nobody has named yet takes the store's gate, which is held until the application commits.
/// </summary>
internal sealed class JoinedEnqueue(string schema, long gate, IJobDrafts drafts, QueueLimits limits, TimeProvider time)
{
    /// <summary>Admits jobs on the transaction's connection.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is no open transaction of Npgsql; else as <see cref="IJobStore.EnqueueAsync"/>.</exception>
    public T Run<T>(IReadOnlyList<JobDraft> jobs, DbTransaction transaction, Func<IReadOnlyList<Admission>, T> shape)
    {
        if (transaction is not NpgsqlTransaction { Connection: { } connection })
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                "This is no open transaction of Npgsql. Write: await using var tx = await connection.BeginTransactionAsync();");
        }

        using var sql = PostgresDatabase.Borrow(connection);
        var path = sql.QueryFirst("SELECT current_setting('search_path')", row => row.Text(0))!;
        sql.Scalar("SELECT 1 FROM set_config('search_path', $1, true)", schema);
        try
        {
            if (!jobs.All(job => WaitsForNobody(sql, job)))
            {
                sql.Scalar("SELECT 1 FROM pg_advisory_xact_lock($1)", gate);
            }

            return shape(Admitted(sql, jobs));
        }
        finally
        {
            if (!sql.IsAborted)
            {
                sql.Scalar("SELECT 1 FROM set_config('search_path', $1, true)", path);
            }
        }
    }

    /// <summary>A new owner is a row that others who name it would wait for.</summary>
    private static bool WaitsForNobody(PostgresDatabase sql, JobDraft job) =>
        job.IsPlain && (job.Owner is null || sql.Scalar("SELECT 1 FROM event_owner_seen WHERE owner = $1", job.Owner) == 1);

    private List<Admission> Admitted(PostgresDatabase sql, IReadOnlyList<JobDraft> jobs)
    {
        sql.ExecuteScript("SAVEPOINT posthouse");
        try
        {
            var group = new Group(sql, time.GetUtcNow(), drafts, limits);
            var (open, bytes) = (group.Totals.Open, group.Totals.Bytes);
            var admissions = jobs.Select(draft => Admit.One(group, draft)).ToList();
            sql.Execute("INSERT INTO job_total_joined(open, bytes) VALUES ($1, $2)", group.Totals.Open - open, group.Totals.Bytes - bytes);
            sql.ExecuteScript("RELEASE SAVEPOINT posthouse");
            return admissions;
        }
        catch (PosthouseException)
        {
            sql.ExecuteScript("ROLLBACK TO SAVEPOINT posthouse; RELEASE SAVEPOINT posthouse");
            sql.Undone();
            throw;
        }
    }
}
