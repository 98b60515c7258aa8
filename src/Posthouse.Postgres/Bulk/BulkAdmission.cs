using NpgsqlTypes;
using Posthouse.Storage;
using Posthouse.Storage.Commit;

namespace Posthouse.Postgres.Bulk;

/// <summary>Admits the plain jobs of a group together: rows, owners, events, totals.</summary>
internal static class BulkAdmission
{
    private const string Insert = """
        INSERT INTO job(id, name, version, state, gate, destination, owner, priority, run_at, expires_at, created_at,
                        max_attempts, when_dead, bytes, trace, payload, optimistic, wait_ms, max_lost)
        SELECT one.id, one.name, one.version, 0, CASE WHEN one.run_at > $1 THEN 1 ELSE 0 END, one.destination, one.owner, one.priority, one.run_at, one.expires_at, $1,
               one.max_attempts, one.when_dead, one.bytes, one.trace, one.payload, one.optimistic, one.wait_ms, one.max_lost
        FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) WITH ORDINALITY
          AS one(id, name, version, destination, owner, priority, run_at, expires_at, max_attempts, when_dead, bytes, trace, payload, optimistic, wait_ms, max_lost, place)
        ORDER BY one.place
        ON CONFLICT (id) DO NOTHING
        RETURNING id
        """;

    private const string Register = """
        INSERT INTO event_owner_seen(owner, position, seen_at) SELECT DISTINCT one.owner, 0, $1 FROM unnest($2) AS one(owner) ON CONFLICT (owner) DO NOTHING
        """;

    /// <summary>Admits what fits. An operation that does not fit, or names an id that stands already, is left to run alone.</summary>
    public static void Run(PostgresDatabase database, Group group, IReadOnlyList<EnqueueOperation> operations)
    {
        var (fit, drafts) = Fitting(group, operations);
        if (drafts.Count == 0)
        {
            return;
        }

        var stored = Store(database, group, drafts);
        if (stored.Count < drafts.Count && fit.Exists(operation => operation.Drafts.Count > 1))
        {
            // All or none of an operation's jobs are admitted: with a savepoint each they are.
            throw new PosthouseException(ErrorCodes.JobIdReused, "An id of a group stands already.");
        }

        foreach (var operation in fit)
        {
            operation.IsAdmitted = stored.Contains(operation.Drafts[0].Id.Value);
        }

        Tell(database, group, [.. drafts.Where(draft => stored.Contains(draft.Id.Value))]);
    }

    private static (List<EnqueueOperation> Fit, List<JobDraft> Drafts) Fitting(Group group, IReadOnlyList<EnqueueOperation> operations)
    {
        var (fit, drafts, ids) = (new List<EnqueueOperation>(), new List<JobDraft>(), new HashSet<string>(StringComparer.Ordinal));
        var bytes = 0L;
        foreach (var operation in operations)
        {
            var isNew = operation.Drafts.All(draft => ids.Add(draft.Id.Value) && draft.Bytes <= group.Limits.MaxJobBytes);
            var more = operation.Drafts.Sum(draft => (long)draft.Bytes);
            if (isNew && group.Totals.Open + drafts.Count + operation.Drafts.Count <= group.Limits.MaxOpenJobs
                && group.Totals.Bytes + bytes + more <= group.Limits.MaxOpenBytes)
            {
                fit.Add(operation);
                drafts.AddRange(operation.Drafts);
                bytes += more;
            }
        }

        return (fit, drafts);
    }

    private static HashSet<string> Store(PostgresDatabase database, Group group, List<JobDraft> drafts)
    {
        var stored = new HashSet<string>(drafts.Count, StringComparer.Ordinal);
        Arrays.Read(
            database,
            Insert,
            row => stored.Add(row.GetString(0)),
            Arrays.One(NpgsqlDbType.Bigint, group.NowMs),
            Texts(draft => draft.Id.Value),
            Texts(draft => draft.Name),
            Numbers(draft => draft.Version),
            Texts(draft => draft.Destination),
            Texts(draft => draft.Owner),
            Numbers(draft => draft.Priority),
            Numbers(draft => draft.NotBefore?.ToUnixTimeMilliseconds() ?? group.NowMs),
            Numbers(draft => draft.ExpiresAt?.ToUnixTimeMilliseconds()),
            Numbers(draft => draft.MaxAttempts),
            Numbers(draft => (long)draft.WhenDead),
            Numbers(draft => draft.Bytes),
            Texts(draft => draft.TraceParent),
            Bytes(draft => draft.Payload),
            Bytes(draft => draft.Optimistic),
            Numbers(draft => draft.NotBefore is null ? 0 : null),
            Numbers(draft => draft.MaxLost));
        group.Changed(position: 0);
        return stored;

        Npgsql.NpgsqlParameter Texts(Func<JobDraft, string?> of) => Arrays.Of(NpgsqlDbType.Text, All(draft => of(draft) is { } text ? PostgresText.Value(text) : null));
        Npgsql.NpgsqlParameter Numbers(Func<JobDraft, long?> of) => Arrays.Of(NpgsqlDbType.Bigint, All(of));
        Npgsql.NpgsqlParameter Bytes(Func<JobDraft, byte[]> of) => Arrays.Of(NpgsqlDbType.Bytea, All(of));
        T[] All<T>(Func<JobDraft, T> of) => [.. drafts.Select(of)];
    }

    private static void Tell(PostgresDatabase database, Group group, JobDraft[] drafts)
    {
        if (drafts.Length == 0)
        {
            return;
        }

        group.Totals.Add(drafts.Length, drafts.Sum(draft => (long)draft.Bytes));
        string[] owners = [.. drafts.Where(draft => draft.Owner is not null).Select(draft => draft.Owner!)];
        if (owners.Length > 0)
        {
            Arrays.Read(database, Register, _ => { }, Arrays.One(NpgsqlDbType.Bigint, group.NowMs), Arrays.Of(NpgsqlDbType.Text, owners));
        }

        BulkEvents.Run(database, group, JobEventBodies.Accepted, [.. drafts.Select(draft => draft.Id.Value)], [.. drafts.Select(draft => draft.Owner)],
            [.. drafts.Select(draft => JobEventBodies.OfAccepted(draft.Name, draft.Optimistic))]);
    }
}
