namespace Posthouse.Storage.Memory;

/// <summary>Workers that said "I have so many free places" and wait for an answer, longest wait first.</summary>
internal sealed class StandingClaims
{
    private readonly List<(ClaimRequest Request, TaskCompletionSource<IReadOnlyList<LeasedJob>> Answer)> _claims = [];

    public IReadOnlyList<InstanceId> Instances => [.. _claims.Select(c => c.Request.Instance)];

    public Task<IReadOnlyList<LeasedJob>> Add(ClaimRequest request)
    {
        if (_claims.Exists(c => c.Request.Instance == request.Instance))
        {
            throw new InvalidOperationException(
                $"Instance {request.Instance.Value} has a standing claim already: await its answer, or withdraw it, before the next.");
        }

        var answer = new TaskCompletionSource<IReadOnlyList<LeasedJob>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _claims.Add((request, answer));
        return answer.Task;
    }

    /// <summary>Looks at every claim; those that get something, or whose look fails, are over.</summary>
    /// <param name="look">Leases what a claim may have, in a transaction of its own.</param>
    /// <param name="afterwards">Takes what is to be done outside the lock: the answers.</param>
    public void Look(Func<ClaimRequest, IReadOnlyList<LeasedJob>> look, List<Action> afterwards)
    {
        foreach (var claim in _claims.ToArray())
        {
            try
            {
                if (look(claim.Request) is { Count: > 0 } jobs)
                {
                    _claims.Remove(claim);
                    afterwards.Add(() => claim.Answer.SetResult(jobs));
                }
            }
            catch (Exception e)
            {
                // The claimer's own Room or Knows threw: its claim ends with that, and nobody else's call does.
                _claims.Remove(claim);
                afterwards.Add(() => claim.Answer.SetException(e));
            }
        }
    }

    /// <summary>Ends claims with nothing: of one instance, or (null) of all.</summary>
    public void Withdraw(InstanceId? instance, List<Action> afterwards)
    {
        foreach (var claim in _claims.FindAll(c => instance is null || c.Request.Instance == instance))
        {
            _claims.Remove(claim);
            afterwards.Add(() => claim.Answer.SetResult([]));
        }
    }
}
