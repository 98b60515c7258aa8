using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// Leasing. A claim touches only rows it may take: they lie in one index by destination, priority and order, so its price
/// depends on what it hands out and never on what waits.
/// </summary>
internal static class Claims
{
    /// <summary>Destinations one turn looks at; the next turn goes on where this one stopped, so that none starves.</summary>
    public const int MaxDestinationsPerTurn = 64;

    /// <summary>Rows that one claim sets aside because they expired or are unknown here, before another turn goes on.</summary>
    public const int MaxSetAside = 1_000;

    private const string Candidates = """
        SELECT seq, id, name, version, payload, attempts, unreached, lost, max_attempts, created_at, expires_at, owner, trace, claims
        FROM job WHERE state = 0 AND gate = 0 AND destination = $1 ORDER BY priority DESC, seq LIMIT $2
        """;

    private const string Take =
        "UPDATE job SET state = 1, gate = NULL, claims = claims + 1, instance = $2, lease_until = $3 WHERE seq = $1";

    /// <summary>Walks destinations in rotation and leases what fits.</summary>
    /// <param name="group">The transaction.</param>
    /// <param name="request">Who asks, and for how much.</param>
    /// <param name="walk">Where the walk stands.</param>
    /// <param name="jobs">Takes what was leased.</param>
    /// <returns>Where the walk stands now.</returns>
    public static Walk Fulfil(Group group, ClaimRequest request, Walk walk, List<LeasedJob> jobs)
    {
        var setAside = 0;
        for (var looked = 0; jobs.Count < request.Max; looked++)
        {
            if (looked == MaxDestinationsPerTurn || setAside >= MaxSetAside)
            {
                return jobs.Count > 0 ? walk.Over() : walk;
            }

            walk = walk.Step(group);
            if (!walk.More)
            {
                return walk;
            }

            if (!walk.IsPaused)
            {
                walk = walk with { Asked = walk.At };
                setAside += Lease(group, request, walk.At!, Math.Min(request.Room(walk.At!), request.Max - jobs.Count), jobs);
            }
        }

        return walk.Over();
    }

    /// <summary>Leases the first rows of a destination; returns how many had to be set aside instead.</summary>
    private static int Lease(Group group, ClaimRequest request, string destination, int room, List<LeasedJob> jobs)
    {
        var until = group.NowMs + (long)request.LeaseFor.TotalMilliseconds;
        var setAside = 0;
        while (room > 0 && setAside < MaxSetAside)
        {
            var candidates = group.Query(Candidates, row => Read(row, destination), destination, room);
            var fit = new List<LeasedJob>(candidates.Count);
            foreach (var job in candidates)
            {
                if (job.ExpiresAt <= group.Now)
                {
                    Ending.Close(group, job.Lease.Seq, DeadReason.Expired);
                    setAside++;
                }
                else if (!request.Knows(job.Name, job.Version))
                {
                    group.Execute("UPDATE job SET gate = 3, hold = $2 WHERE seq = $1", job.Lease.Seq, (long)HoldReason.UnknownType);
                    setAside++;
                }
                else
                {
                    fit.Add(job);
                }
            }

            TakeAll(group, request.Instance.Value, until, fit);
            jobs.AddRange(fit);
            room -= fit.Count;

            if (candidates.Count == 0 || setAside == 0)
            {
                break;
            }
        }

        return setAside;
    }

    private static void TakeAll(Group group, string instance, long until, List<LeasedJob> jobs)
    {
        if (group.Bulk is { } bulk && jobs.Count > 0)
        {
            bulk.Lease(group, instance, until, jobs.ConvertAll(job => job.Lease.Seq));
        }
        else
        {
            jobs.ForEach(job => group.Execute(Take, job.Lease.Seq, instance, until));
        }
    }

    private static LeasedJob Read(IRow row, string destination) =>
        new(new Lease(JobId.Parse(row.Text(1)), row.Int64(0), row.Int64(13) + 1), row.Text(2), (int)row.Int64(3), row.Bytes(4))
        {
            Destination = destination,
            Attempts = (int)row.Int64(5),
            Unreached = (int)row.Int64(6),
            Lost = (int)row.Int64(7),
            MaxAttempts = (int?)row.Int64OrNull(8),
            AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(9)),
            ExpiresAt = row.Int64OrNull(10) is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            Owner = row.TextOrNull(11),
            TraceParent = row.TextOrNull(12),
        };
}
