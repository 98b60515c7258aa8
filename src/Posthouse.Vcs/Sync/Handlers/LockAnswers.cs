using System.Globalization;
using System.Text;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>What the policy's answers mean for an operation, where all operations agree.</summary>
internal static class LockAnswers
{
    /// <summary>An arrival about a lock: what it says, and what is known of the lock from then on.</summary>
    public static OperationAnswer Arrived(Workplace at, LockView view, string summary) => new OperationAnswer.Arrived(
        new OperationResult(summary, view.Record?.LockId, Detail: view.Record is { } record ? Encoding.UTF8.GetString(LockRecordJson.Write(record)) : null))
    {
        Holder = view.Record?.Owner.Shown,
        Write = write => LockBook.Keep(write, at.Me, view.Key, view.Version, view.Record),
    };

    /// <summary>An end that is no arrival.</summary>
    public static OperationAnswer Refused(Workplace at, ResourceKey key, LockAnswer answer) => answer switch
    {
        LockAnswer.Failed failed => new OperationAnswer.Failed(failed.Failure),
        // Whatever the exchange's own failure was, it may have been applied: the next try looks first.
        LockAnswer.Unknown unknown => new OperationAnswer.Failed(unknown.Failure with { Category = FailureCategory.Ambiguous }),
        LockAnswer.Conflict conflict => Known(at, conflict.Holder, VcsErrors.LockConflict, Locked(conflict.Holder), Takeover(conflict.Holder)),
        LockAnswer.Lost lost => Known(at, lost.Now, VcsErrors.LockLost, $"The lock of {Name(key)} is not yours any more{By(lost.Now)}.",
            "What you changed since is still here and was not sent. Take the lock anew with 'posthouse lock acquire', or give the lost one up with 'posthouse lock release', and push again. "
            + "Or put your version beside theirs: 'git branch mine', then 'posthouse push --branch mine --no-fence'."),
        LockAnswer.Mismatch mismatch => Known(at, mismatch.Now, VcsErrors.LockIdMismatch, $"The lock of {Name(key)} is not the one that was named{By(mismatch.Now)}.",
            "'posthouse lock status' shows the present one."),
        LockAnswer.NotHeld none => Known(at, none.Now, VcsErrors.LockNotHeld, $"This clone has no lock of {Name(key)}{By(none.Now)}.", none.Now.IsHeld
            ? "Wait for it with 'posthouse lock acquire --wait', or ask its holder."
            : "'posthouse lock acquire' takes it; what you changed is still here."),
        LockAnswer.Lapsed lapsed => Known(at, lapsed.Lock, VcsErrors.LockLost, $"The lease of {Name(key)} is over.", "Renew it with 'posthouse lock renew'."),
        _ => new OperationAnswer.Failed(new RemoteFailure(FailureCategory.Unknown, $"The lock of {Name(key)} answered in a way that makes no sense here.")),
    };

    /// <summary>
    /// An answer as somebody hears it who remembers what this clone had: a register that another writes says nothing of who had the lock
    /// before, and an id that is not there nothing of whose it was.
    /// </summary>
    public static async Task<LockAnswer> RememberedAsync(IStore store, Workplace at, ResourceKey key, LockAnswer answer)
    {
        if (answer is not (LockAnswer.NotHeld or LockAnswer.Lost { Now.IsMine: false })) { return answer; }

        var before = await store.ReadAsync(read => LockBook.Find(read, at.Me.CloneId, key));
        return answer switch
        {
            LockAnswer.NotHeld none when LockBook.StandingOf(at.Me, before, none.Now.Record) is KnownStanding.Lost => new LockAnswer.Lost(none.Now),
            LockAnswer.Lost lost when LockBook.StandingOf(at.Me, before, lost.Now.Record) is not KnownStanding.Lost => new LockAnswer.Mismatch(lost.Now),
            _ => answer,
        };
    }

    /// <summary>Another has locked what a push changes.</summary>
    public static OperationAnswer.Failed InTheWay(Workplace at, LockView taken, string path) => Known(
        at, taken, VcsErrors.LockConflict, $"{Locked(taken)}, and this push changes {path}; nothing was pushed.",
        "Ask its holder, or wait for it with 'posthouse lock acquire --wait' and that path; 'posthouse push --no-fence' sends it all the same.");

    /// <summary>A push was to go with a lock that was asked for before it, and that never came.</summary>
    public static OperationAnswer.Failed NeverTaken(Workplace at, ResourceKey key, LockAnswer.NotHeld none) => Known(
        at, none.Now, VcsErrors.LockNotHeld, $"This push was to go with the lock of {Name(key)}, which this clone does not have{By(none.Now)}; 'posthouse push' sends the branch anew, without that lock where nobody else has it.",
        "Or take the lock with 'posthouse lock acquire' first, and say 'posthouse push' then.");

    /// <summary>A lock that this clone never got, or has no more, is given back.</summary>
    public static string NothingToGiveBack(ResourceKey key, LockAnswer.NotHeld none) => $"This clone has no lock of {Name(key)}, so there was nothing to give back{By(none.Now)}";

    /// <summary>What people call the resource.</summary>
    public static string Name(ResourceKey key) => key.Path == ResourceKey.WholeProject ? "the whole project" : key.Path;

    private static OperationAnswer.Failed Known(Workplace at, LockView view, string code, string message, string? hint) =>
        new(new RemoteFailure(FailureCategory.LockConflict, message) { Code = code, Hint = hint })
        {
            Holder = view.Record?.Owner.Shown,
            Write = write => LockBook.Keep(write, at.Me, view.Key, view.Version, view.Record),
        };

    private static string Locked(LockView view)
    {
        var what = view.Key.Path == ResourceKey.WholeProject ? "Project" : view.Key.Path;
        return view.Record is { } record
            ? $"{what} locked by {record.Owner.Named} until {Time(record.ExpiresAt)} (since {Time(record.AcquiredAt)}, lock {record.LockId}{(record.Message is { } why ? $", \"{why}\"" : "")})"
            : $"{what} is locked in a way that this version cannot read";
    }

    private static string? Takeover(LockView view) => view is { Standing: LockStanding.Expired, TakeoverFrom: { } from }
        ? $"Its lease is over; it may be taken from {Time(from)} on."
        : "Wait for it with 'posthouse lock acquire --wait', or ask its holder.";

    private static string By(LockView view) => view.Record switch
    {
        { State: LockState.Broken, By: { } breaker } broken => $": {breaker.Named} broke it{(broken.Reason is { } why ? $" (\"{why}\")" : "")}",
        { State: LockState.Held } held => $": {held.Owner.Named} has it",
        _ => "",
    };

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
