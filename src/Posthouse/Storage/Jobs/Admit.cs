using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// Admission: ids, deduplication, limits, edges, row and event. Every check stands before the first change, so that a
/// refused draft leaves nothing behind.
/// </summary>
internal static class Admit
{
    private const string Insert = """
        INSERT INTO job(id, name, version, state, gate, destination, lane, dedup, owner, priority, run_at, expires_at, created_at,
                        max_attempts, when_dead, bytes, trace, payload, optimistic, wait_ms, max_lost)
        VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        ON CONFLICT (id) DO NOTHING
        """;

    private const string SelectStanding = "SELECT name, version, payload, optimistic FROM job WHERE id = $1";

    private const string SelectTwins =
        "SELECT seq, id, state, optimistic, bytes FROM job WHERE name = $1 AND dedup = $2 AND state < 2 ORDER BY seq DESC";

    /// <summary>Admits one draft.</summary>
    /// <exception cref="PosthouseException">JOB_TOO_LARGE, JOB_ID_REUSED, DUPLICATE_JOB, JOB_NOT_FOUND or QUEUE_FULL.</exception>
    public static Admission One(Group group, JobDraft draft)
    {
        // A fresh id, the usual case, is found to be fresh by the insert itself. Where a check could refuse or an edge is
        // needed, a standing row has to answer before.
        var plain = draft.IsPlain && Limits.Fit(group, draft);
        if (!plain && Standing(group, draft) is { } known)
        {
            return known;
        }

        Limits.CheckJob(group, draft);
        var twins = draft.DeduplicationKey is { } key
            ? group.Query(SelectTwins, row => new Twin(row.Int64(0), row.Text(1), row.Int64(2) == (long)JobState.Running, row.Bytes(3), row.Int64(4)),
                draft.Name, key)
            : [];
        if (twins.Count > 0 && draft.OnDuplicate is not OnDuplicate.ReplacePending)
        {
            return draft.OnDuplicate is OnDuplicate.ReturnExisting
                ? new Admission(JobId.Parse(twins[0].Id), AdmissionKind.AnsweredByExisting, twins[0].Optimistic)
                : throw new PosthouseException(ErrorCodes.DuplicateJob, $"Job {twins[0].Id} with the same deduplication key is still open.");
        }

        var replaced = twins.FirstOrDefault(twin => !twin.Running);
        var behind = Predecessors(group, draft);
        if (twins.FirstOrDefault(twin => twin.Running) is { } running)
        {
            behind.Add(running.Seq);
        }

        JobFiles.CheckStaged(group, draft);
        Limits.Check(group, draft, replaced is null ? 0 : 1, replaced?.Bytes ?? 0, replaced is null ? 0 : JobFiles.Bytes(group, replaced.Seq));
        if (replaced is not null)
        {
            // A newcomer that named the replaced job in After inherits what that one waited for, as all others behind it do.
            if (behind.Remove(replaced.Seq))
            {
                behind.UnionWith(Edges.Before(group, replaced.Seq));
            }

            Ending.Close(group, replaced.Seq, DeadReason.Superseded);
        }

        return Store(group, draft, behind, inLane: true) is null
            ? Standing(group, draft)!
            : new Admission(draft.Id, replaced is null ? AdmissionKind.Accepted : AdmissionKind.ReplacedPending, draft.Optimistic);
    }

    /// <summary>Writes row, edges, files, owner and event; null when the id stands there already.</summary>
    public static long? Store(Group group, JobDraft draft, IEnumerable<long> behind, bool inLane)
    {
        var edges = new SortedSet<long>(behind);
        if (inLane && draft.Lane is { } lane && Edges.EndOfLane(group, lane) is { } last)
        {
            edges.Add(last);
        }

        var runAt = draft.NotBefore?.ToUnixTimeMilliseconds() ?? group.NowMs;
        var gate = edges.Count > 0 ? Gate.After : runAt > group.NowMs ? Gate.Time : Gate.Open;
        var place = group.Insert(Insert,
            draft.Id.Value, draft.Name, draft.Version, (long)gate, draft.Destination, draft.Lane, draft.DeduplicationKey, draft.Owner,
            draft.Priority, runAt, draft.ExpiresAt?.ToUnixTimeMilliseconds(), group.NowMs, draft.MaxAttempts, (long)draft.WhenDead,
            draft.Bytes, draft.TraceParent, draft.Payload, draft.Optimistic, draft.NotBefore is null ? 0 : (long?)null, draft.MaxLost);
        if (place == 0)
        {
            return null;
        }

        foreach (var before in edges)
        {
            group.Execute("INSERT INTO job_after(job, after) VALUES ($1, $2)", place, before);
        }

        JobFiles.Add(group, place, draft.Files);
        group.Totals.Add(1, draft.Bytes);
        if (draft.Owner is { } owner)
        {
            group.Execute("INSERT INTO event_owner_seen(owner, position, seen_at) VALUES ($1, 0, $2) ON CONFLICT (owner) DO NOTHING", owner, group.NowMs);
        }

        group.Append(JobEventBodies.Room, draft.Id.Value, JobEventBodies.Accepted, draft.Owner, JobEventBodies.OfAccepted(draft.Name, draft.Optimistic));
        return place;
    }

    /// <summary>The answer of a job that has this id already, if it is the same intent.</summary>
    private static Admission? Standing(Group group, JobDraft draft)
    {
        var standing = group.QueryFirst(SelectStanding,
            row => new { Name = row.Text(0), Version = row.Int64(1), Payload = row.Bytes(2), Optimistic = row.Bytes(3) }, draft.Id.Value);
        if (standing is null)
        {
            return null;
        }

        return standing.Name == draft.Name && standing.Version == draft.Version && standing.Payload.AsSpan().SequenceEqual(draft.Payload)
            ? new Admission(draft.Id, AdmissionKind.AnsweredByExisting, standing.Optimistic)
            : throw new PosthouseException(ErrorCodes.JobIdReused, $"Job {draft.Id} stands with another payload. Use a new id for a new intent.");
    }

    /// <summary>The open jobs that the draft names in After.</summary>
    public static HashSet<long> Predecessors(Group group, JobDraft draft)
    {
        var behind = new HashSet<long>();
        foreach (var id in draft.After)
        {
            var state = group.QueryFirst("SELECT seq, state, reason, when_dead FROM job WHERE id = $1", row => new
            {
                Seq = row.Int64(0),
                Blocks = JobLaw.IsOpen((JobState)row.Int64(1), (DeadReason?)row.Int64OrNull(2))
                    && !((JobState)row.Int64(1) is JobState.Dead && (WhenDead)row.Int64(3) is WhenDead.Skip),
            }, id.Value) ?? throw new PosthouseException(ErrorCodes.JobNotFound, $"Job {draft.Id} is to run after {id}, which is not here.");
            if (state.Blocks)
            {
                behind.Add(state.Seq);
            }
        }

        return behind;
    }

    private sealed record Twin(long Seq, string Id, bool Running, byte[] Optimistic, long Bytes);
}
