using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// Workers that said how many places they have free. Every group ends by giving them what became claimable, so that a job
/// meant for an idle worker is stored and leased in one commit. Belongs to the commit loop; other threads only post.
/// </summary>
internal sealed class StandingClaims
{
    private readonly Dictionary<InstanceId, Claim> _claims = [];
    private readonly List<Claim> _order = [];

    /// <summary>Whether somebody waits for work.</summary>
    public bool Any => _claims.Count > 0;

    /// <summary>Whether the last group left something that another turn would find.</summary>
    public bool More { get; private set; }

    /// <summary>A new claim, to be posted.</summary>
    public Claim Make(ClaimRequest request) => new(this, request);

    /// <summary>Ends an instance's claim with nothing.</summary>
    public void Withdraw(InstanceId instance)
    {
        if (_claims.TryGetValue(instance, out var claim))
        {
            End(claim, []);
        }
    }

    /// <summary>The tail of every group: what time changed, then what the claims may have.</summary>
    public void Fulfil(Group group)
    {
        More = false;
        for (var i = 0; i < _order.Count; i++)
        {
            var claim = _order[i];
            More |= DueRows.Run(group, claim.Request.Instance.Value);
            var (jobs, rotation, more) = Claims.Fulfil(group, claim.Request, claim.Rotation);
            More |= more && jobs.Count == 0;
            group.AfterCommit(() => claim.Rotation = rotation);
            if (jobs.Count > 0)
            {
                group.AfterCommit(() => End(claim, jobs));
            }
        }
    }

    /// <summary>When time will next change something for those who wait; null when nobody does or nothing will.</summary>
    public long? NextDue(IRead read) => Any ? DueRows.Next(read, _order[0].Request.Instance.Value) : null;

    private void End(Claim claim, IReadOnlyList<LeasedJob> jobs)
    {
        _claims.Remove(claim.Request.Instance);
        _order.Remove(claim);
        _rotations[claim.Request.Instance] = claim.Rotation;
        claim.TrySetResult(jobs);
    }

    private readonly Dictionary<InstanceId, string?> _rotations = [];

    /// <summary>One standing claim: an operation that enters it, and the task that its owner awaits.</summary>
    internal sealed class Claim(StandingClaims claims, ClaimRequest request)
        : TaskCompletionSource<IReadOnlyList<LeasedJob>>(TaskCreationOptions.RunContinuationsAsynchronously), IOperation
    {
        public ClaimRequest Request => request;

        public string? Rotation { get; set; }

        public bool NeedsSavepoint => false;

        public void Run(Group group)
        {
            if (claims._claims.TryGetValue(request.Instance, out var standing) && standing != this)
            {
                throw new InvalidOperationException($"Instance {request.Instance.Value} has a standing claim already.");
            }

            if (claims._claims.TryAdd(request.Instance, this))
            {
                claims._order.Add(this);
                Rotation = claims._rotations.GetValueOrDefault(request.Instance);
            }
        }

        public void Complete()
        {
        }

        public void Fail(Exception error)
        {
            if (claims._claims.TryGetValue(request.Instance, out var standing) && standing == this)
            {
                claims._claims.Remove(request.Instance);
                claims._order.Remove(this);
            }

            TrySetException(error);
        }
    }
}
