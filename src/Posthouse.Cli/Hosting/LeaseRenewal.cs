using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Heartbeat;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// Renews locks for a heartbeat, and writes down what it learned: the next look shows it, and a lock that was lost stops the next
/// push and is in the history.
/// </summary>
/// <param name="workplaces">The clones.</param>
/// <param name="book">What is known of locks.</param>
/// <param name="store">The person's store.</param>
internal sealed class LeaseRenewal(IWorkplaces workplaces, LockBook book, IStore store) : ILeaseRenewal
{
    /// <summary>The operation's name in the history.</summary>
    private const string Operation = "vcs.heartbeat";

    /// <summary>The register where the lock was lost, or null.</summary>
    public LockView? Lost { get; private set; }

    public async Task<LockAnswer> RenewAsync(KeptLock kept, string opId, CancellationToken cancellationToken)
    {
        try
        {
            var at = await workplaces.OfCloneAsync(kept.CloneId, cancellationToken);
            var answer = await at.Policy.RenewAsync(new RenewRequest(ResourceKey.Of(kept.Resource), null, LockId: kept.LockId), opId, cancellationToken);
            if (Seen(answer) is { } seen) { await book.SeenAsync(at.Me, seen); }
            if (answer is LockAnswer.Lost or LockAnswer.NotHeld { Now.IsHeld: true })
            {
                Lost = Seen(answer);
                await store.WriteAsync(write => Note(write, kept, Lost!));
            }

            return answer;
        }
        catch (PosthouseException failure)
        {
            return new LockAnswer.Failed(failure is VcsException judged ? judged.Failure : new RemoteFailure(FailureCategory.Local, failure.Message));
        }
    }

    private static LockView? Seen(LockAnswer answer) => answer switch
    {
        LockAnswer.Renewed renewed => renewed.Lock,
        LockAnswer.Lost lost => lost.Now,
        LockAnswer.NotHeld none => none.Now,
        LockAnswer.Mismatch other => other.Now,
        _ => null,
    };

    private static bool Note(IWrite write, KeptLock kept, LockView now)
    {
        new OperationNote(Operation, kept.CloneId, $"LOST: the lock of {kept.Resource}")
        {
            Resource = kept.Resource,
            LockId = kept.LockId,
            Holder = (now.Record?.By ?? now.Record?.Owner)?.Shown,
            Failure = new RemoteFailure(FailureCategory.LockConflict, "Another broke it or took it over.") { Code = VcsErrors.LockLost },
        }.Append(write, kept.LockId);
        return true;
    }
}
