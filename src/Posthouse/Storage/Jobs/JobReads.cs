using Posthouse.Jobs;

namespace Posthouse.Storage.Jobs;

/// <summary>Reads for people and programs: single jobs, pages, counts and events. All on a snapshot, none on the writing thread.</summary>
internal static class JobReads
{
    private const string Columns = """
        SELECT seq, id, name, version, state, gate, hold, reason, destination, lane, dedup, owner, priority, when_dead, run_at, expires_at, created_at,
               ended_at, claims, lost, attempts, instance, lease_until, failure_kind, failure_status, failure_text, payload, optimistic, result, max_attempts
        FROM job
        """;

    /// <summary>One job, or null.</summary>
    public static JobRecord? Get(IRead read, JobId id) =>
        read.QueryFirst(Columns + " WHERE id = $1", Row, id.Value) is { } row ? Complete(read, row) : null;

    /// <summary>The position of the newest event there ever was; it outlives the event, which the sweep takes away.</summary>
    public static long LastPosition(IRead read) => read.Scalar(read.Dialect.LastPosition);

    /// <summary>A page in order of admission.</summary>
    public static IReadOnlyList<JobRecord> List(IRead read, JobQuery query)
    {
        const string Filter = """
             WHERE seq > $1 AND ($2 IS NULL OR state = $2) AND ($3 IS NULL OR lane = $3) AND ($4 IS NULL OR name = $4)
               AND ($5 IS NULL OR substr(id, 1, length($5)) = $5)
               AND ($6 IS NULL OR (state = 3 AND (reason <= 4) = ($6 = 1)))
             ORDER BY seq LIMIT $7
            """;
        var rows = read.Query(Columns + Filter, Row, query.AfterSeq, (long?)query.State, query.Lane, query.Name, query.IdPrefix,
            query.NeedsDecision is { } needs ? needs ? 1L : 0L : (long?)null, Math.Clamp(query.Limit, 1, JobQuery.MaxPage));
        return rows.ConvertAll(row => Complete(read, row));
    }

    /// <summary>Counts each part through the partial index that holds just that part, so that what is done costs no look at its rows.</summary>
    public static QueueCounts Count(IRead read)
    {
        var (paused, destinations) = Pauses.Read(read);
        var ready = Part(read, "SELECT count(*), min(seq) FROM job INDEXED BY job_open WHERE state = 0 AND gate = 0");
        var scheduled = Part(read, "SELECT count(*), min(seq) FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1");
        var waiting = Part(read, "SELECT count(DISTINCT job), min(job) FROM job_after JOIN job ON job.seq = job_after.job AND job.gate = 2");
        var held = Part(read, "SELECT count(*), min(seq) FROM job INDEXED BY job_hold WHERE state = 0 AND gate = 3");
        var running = Part(read, "SELECT count(*), min(seq) FROM job INDEXED BY job_running WHERE state = 1");
        var failed = Part(read, "SELECT count(*), min(seq) FROM job INDEXED BY job_failed WHERE state = 3 AND reason <= 4");
        return new QueueCounts
        {
            Ready = ready.Count,
            Scheduled = scheduled.Count,
            Waiting = waiting.Count,
            Held = held.Count,
            Running = running.Count,
            Failed = failed.Count,
            Done = read.Scalar("SELECT count(*) FROM job INDEXED BY job_ended WHERE state = 2"),
            Closed = read.Scalar("SELECT count(*) FROM job INDEXED BY job_closed WHERE state = 3 AND reason > 4"),
            OpenBytes = read.Scalar("SELECT bytes FROM job_total"),
            Paused = paused,
            PausedDestinations = destinations,
            NextDue = Time(read.QueryFirst("SELECT min(run_at) FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1", row => row.Int64OrNull(0))),
            OldestReady = Time(read.QueryFirst("SELECT CASE WHEN run_at > created_at THEN run_at ELSE created_at END FROM job WHERE seq = $1", row => row.Int64OrNull(0), ready.First)),
            OldestOpen = Time(read.QueryFirst("SELECT created_at FROM job WHERE seq = $1", row => row.Int64OrNull(0),
                new[] { ready.First, scheduled.First, waiting.First, held.First, running.First, failed.First }.Min())),
        };
    }

    private static (long Count, long? First) Part(IRead read, string sql) => read.QueryFirst(sql, row => (row.Int64(0), row.Int64OrNull(1)));

    /// <summary>Events after a position.</summary>
    public static IReadOnlyList<StoredEvent> Events(IRead read, long after, EventFilter filter, int limit)
    {
        const string Select = "SELECT position, at, room, subject, kind, owner, body FROM event";
        const string Rest = " AND ($3 IS NULL OR room = $3) AND ($4 IS NULL OR subject = $4) ORDER BY position LIMIT $5";
        const string All = Select + " WHERE position > $1 AND $2 IS NULL" + Rest;
        const string OfOwner = Select + " INDEXED BY event_owner WHERE owner = $2 AND position > $1" + Rest;
        return read.Query(
            filter.Owner is null ? All : OfOwner,
            row => new StoredEvent(row.Int64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(1)), row.Text(2), row.Text(3), row.Text(4),
                row.TextOrNull(5), row.Bytes(6)), after, filter.Owner, filter.Room, filter.Subject, limit);
    }

    private static JobRecord Complete(IRead read, JobRecord row) => row.Gate is Gate.After or Gate.Hold
        ? row with
        {
            WaitsFor = read.Query("SELECT job.id FROM job_after JOIN job ON job.seq = job_after.after WHERE job_after.job = $1 ORDER BY job.seq",
                edge => JobId.Parse(edge.Text(0)), row.Seq),
        }
        : row;

    private static JobRecord Row(IRow row) => new(JobId.Parse(row.Text(1)), row.Int64(0), row.Text(2), (int)row.Int64(3), (JobState)row.Int64(4))
    {
        Gate = (Gate?)row.Int64OrNull(5),
        Hold = (HoldReason?)row.Int64OrNull(6),
        Reason = (DeadReason?)row.Int64OrNull(7),
        Destination = row.Text(8),
        Lane = row.TextOrNull(9),
        DeduplicationKey = row.TextOrNull(10),
        Owner = row.TextOrNull(11),
        Priority = (int)row.Int64(12),
        WhenDead = (WhenDead)row.Int64(13),
        RunAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(14)),
        ExpiresAt = Time(row.Int64OrNull(15)),
        AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(16)),
        EndedAt = Time(row.Int64OrNull(17)),
        Claims = row.Int64(18),
        Lost = (int)row.Int64(19),
        Attempts = (int)row.Int64(20),
        Instance = row.TextOrNull(21),
        LeaseUntil = Time(row.Int64OrNull(22)),
        Failure = row.IsNull(23) ? null : new Failure((FailureKind)row.Int64(23), row.TextOrNull(25) ?? "") { StatusCode = (int?)row.Int64OrNull(24) },
        Payload = row.Bytes(26),
        Optimistic = row.Bytes(27),
        Result = row.BytesOrNull(28),
        MaxAttempts = (int?)row.Int64OrNull(29),
    };

    private static DateTimeOffset? Time(long? ms) => ms is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
