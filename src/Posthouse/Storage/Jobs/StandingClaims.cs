using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// Workers that said how many places they have free. Every group ends by giving them what became claimable, so that a job
/// meant for an idle worker is stored and leased in one commit. Belongs to the commit loop; other threads only post.
/// </summary>
internal sealed class StandingClaims
{
    private readonly List<StandingClaim> _claims = [];
    private string? _last;

    /// <summary>Whether another turn would find what this one left.</summary>
    public bool More { get; private set; }

    /// <summary>Whether somebody waits for work.</summary>
    public bool Any => _claims.Count > 0;

    /// <summary>A new claim, to be posted.</summary>
    public StandingClaim Make(ClaimRequest request) => new(this, request);

    /// <summary>Lets a claim stand. Running the same one again changes nothing.</summary>
    public void Enter(StandingClaim claim)
    {
        var standing = _claims.Find(one => one.Request.Instance == claim.Request.Instance);
        if (standing is null)
        {
            _claims.Add(claim);
        }
        else if (standing != claim)
        {
            throw new InvalidOperationException($"Instance {claim.Request.Instance.Value} has a standing claim already.");
        }
    }

    /// <summary>Takes a claim back whose group failed.</summary>
    public void Remove(StandingClaim claim) => _claims.Remove(claim);

    /// <summary>Ends an instance's claim with nothing; this group gives it nothing either.</summary>
    public void Withdraw(Group group, InstanceId instance)
    {
        if (_claims.Find(one => one.Request.Instance == instance) is { } claim)
        {
            claim.WithdrawnBy = group;
            group.AfterCommit(() => End(claim, []));
        }
    }

    /// <summary>The tail of every group: what time changed, then what the claims may have.</summary>
    public void Fulfil(Group group)
    {
        More = false;
        var somethingOpened = group.Changes > 0;
        foreach (var claim in _claims.Where(claim => claim.WithdrawnBy != group))
        {
            var instance = claim.Request.Instance;
            var before = group.Changes;
            var (moreDue, isPaused) = DueRows.Run(group, instance.Value);
            More |= moreDue;
            somethingOpened |= group.Changes != before;
            var jobs = new List<LeasedJob>();
            var begun = somethingOpened || !claim.Walk.More ? Walk.Behind(_last) : claim.Walk;
            var walk = isPaused ? begun.Over() : Claims.Fulfil(group, claim.Request, begun, jobs);
            More |= walk.More;
            _last = walk.Asked;
            group.AfterCommit(() => claim.Walk = walk);
            if (jobs.Count > 0)
            {
                group.AfterCommit(() => End(claim, jobs));
            }
        }
    }

    /// <summary>When time will next change something for those who wait; null when nobody does or nothing will.</summary>
    public long? NextDue(IRead read) => _claims.Count > 0 ? DueRows.Next(read, _claims[0].Request.Instance.Value) : null;

    /// <summary>A group whose end is unknown may have leased jobs to anybody who waits: each has to ask what it holds.</summary>
    public void Fail(Exception unknown)
    {
        foreach (var claim in _claims.ToArray())
        {
            claim.Fail(unknown);
        }
    }

    /// <summary>The store closes: everybody who waits gets nothing.</summary>
    public void Close()
    {
        _claims.ForEach(claim => claim.TrySetResult([]));
        _claims.Clear();
    }

    private void End(StandingClaim claim, IReadOnlyList<LeasedJob> jobs)
    {
        _claims.Remove(claim);
        claim.TrySetResult(jobs);
    }
}

/// <summary>One standing claim: the operation that enters it, and the task that its owner awaits.</summary>
internal sealed class StandingClaim(StandingClaims claims, ClaimRequest request)
    : TaskCompletionSource<IReadOnlyList<LeasedJob>>(TaskCreationOptions.RunContinuationsAsynchronously), IOperation
{
    public ClaimRequest Request => request;

    /// <summary>The group that withdraws it; should that one fail, the claim stands as before.</summary>
    public Group? WithdrawnBy { get; set; }

    /// <summary>How far its round has come.</summary>
    public Walk Walk { get; set; }

    public bool NeedsSavepoint => false;

    /// <summary>It enters itself only; what it is given comes in the tail, which has limits of its own.</summary>
    public int Weight => 1;

    public void Run(Group group) => claims.Enter(this);

    public void Complete()
    {
    }

    public void Fail(Exception error)
    {
        claims.Remove(this);
        TrySetException(error);
    }
}
