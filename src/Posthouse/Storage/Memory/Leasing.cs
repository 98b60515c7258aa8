using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>
/// Giving jobs to workers. Time is applied first: what expired ends, what became due opens, what was lost comes back. Then
/// destinations are served in rotation, so that none starves another.
/// </summary>
internal sealed class Leasing(Books books, Endings endings)
{
    /// <summary>Rows that one pass expires or opens: keeps a commit short after a long sleep.</summary>
    public const int MaxRowsAPass = 1_000;

    /// <summary>Destinations that one claim asks about, for the same reason; it goes on while it has found nothing.</summary>
    public const int MaxDestinationsATurn = 64;

    private string? _lastDestination;

    /// <summary>Everything the claim may have now; empty when there is nothing.</summary>
    public List<LeasedJob> Claim(ClaimRequest request)
    {
        while (ApplyTime(request.Instance))
        {
        }

        var leased = new List<LeasedJob>();
        var asked = 0;
        foreach (var destination in InRotation())
        {
            var turnIsOver = asked > 0 && asked % MaxDestinationsATurn == 0;
            if (leased.Count >= request.Max || (turnIsOver && leased.Count > 0))
            {
                break;
            }

            asked++;
            _lastDestination = destination;
            LeaseFor(destination, request, leased);
        }

        return leased;
    }

    /// <summary>A lease that ended without an answer: the job comes back, unless it was cancelled or killed its process too often.</summary>
    public void Lose(JobRow row)
    {
        var lost = row with { Lost = row.Lost + 1 };
        if (row.CancelRequested)
        {
            endings.Close(lost, DeadReason.Cancelled);
        }
        else if (lost.Lost >= row.Draft.MaxLost)
        {
            endings.Fail(lost, DeadReason.Crashed, null);
        }
        else
        {
            books.Jobs.Put(lost.Unleased() with { State = JobState.Pending, Gate = Gate.Open });
        }
    }

    /// <summary>After the wall clock went back: no retry waits longer than its own delay from now. A caller's NotBefore stays.</summary>
    public void CutDelays()
    {
        foreach (var (_, seq) in books.Jobs.Due.ToArray())
        {
            if (books.Jobs[seq] is { RetryDelay: { } delay } row)
            {
                books.Jobs.Put(row with { RunAt = Math.Min(row.RunAt, books.Now + delay) });
            }
        }
    }

    /// <summary>When standing claims have to be looked at again though nothing was stored; null: never.</summary>
    public long? NextLook(IReadOnlyList<InstanceId> standing)
    {
        long? lease = books.Jobs.Leases.Where(l => standing.Any(s => s != books.Jobs[l.Seq].Instance)).Select(l => (long?)l.At).FirstOrDefault();
        return new[] { First(books.Jobs.Due), First(books.Jobs.Expiring), lease }.Min();
    }

    private static long? First(SortedSet<(long At, long Seq)> index) => index.Count > 0 ? index.Min.At : null;

    /// <summary>One pass; true when another may find more.</summary>
    private bool ApplyTime(InstanceId claimer)
    {
        // Lost leases first: a job that comes back from one may have expired meanwhile.
        Reached(books.Jobs.Leases).Where(row => row.Instance != claimer).ToList().ForEach(Lose);
        var expired = Reached(books.Jobs.Expiring).Take(MaxRowsAPass).ToList();
        expired.ForEach(row => endings.Close(books.Jobs[row.Seq], DeadReason.Expired));
        var due = Reached(books.Jobs.Due).Take(MaxRowsAPass).ToList();
        due.ForEach(row => books.Jobs.Put(row with { Gate = Gate.Open }));
        return expired.Count == MaxRowsAPass || due.Count == MaxRowsAPass;
    }

    private IEnumerable<JobRow> Reached(SortedSet<(long At, long Seq)> index) =>
        index.TakeWhile(entry => entry.At <= books.Now).Select(entry => books.Jobs[entry.Seq]);

    private List<string> InRotation()
    {
        var destinations = books.Jobs.OpenDestinations.Where(d => !books.Pauses.Stop(d)).ToList();
        var next = destinations.FindIndex(d => string.CompareOrdinal(d, _lastDestination) > 0);
        return next <= 0 ? destinations : [.. destinations[next..], .. destinations[..next]];
    }

    private void LeaseFor(string destination, ClaimRequest request, List<LeasedJob> leased)
    {
        var places = Math.Min(request.Max - leased.Count, request.Room(destination));
        while (places > 0 && books.Jobs.NextOpen(destination) is { } row)
        {
            if (!request.Knows(row.Draft.Name, row.Draft.Version))
            {
                books.Jobs.Put(row with { Gate = Gate.Hold, Hold = HoldReason.UnknownType });
                continue;
            }

            var running = row with
            {
                State = JobState.Running,
                Claims = row.Claims + 1,
                Instance = request.Instance,
                LeaseUntil = books.Now + (long)request.LeaseFor.TotalMilliseconds,
            };
            books.Jobs.Put(running);
            leased.Add(ToLeased(running));
            places--;
        }
    }

    private static LeasedJob ToLeased(JobRow row) =>
        new(new Lease(row.Id, row.Seq, row.Claims), row.Draft.Name, row.Draft.Version, row.Draft.Payload)
        {
            Destination = row.Draft.Destination,
            Attempts = row.Attempts,
            Unreached = row.Unreached,
            Lost = row.Lost,
            MaxAttempts = row.Draft.MaxAttempts,
            AcceptedAt = JobRow.Instant(row.AcceptedAt),
            ExpiresAt = JobRow.Instant(row.ExpiresAt),
            Owner = row.Draft.Owner,
            TraceParent = row.Draft.TraceParent,
        };
}
