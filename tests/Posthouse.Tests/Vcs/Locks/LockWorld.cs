using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>A mistake that is put into the world on purpose, to see that the world's laws find it.</summary>
internal enum Planted
{
    Nothing = 0,

    /// <summary>A write replaces whatever is there: a push by force.</summary>
    Force,

    /// <summary>A release removes the register, so that numbers begin anew.</summary>
    Deletes,

    /// <summary>Every record counts as seen unchanged for a day.</summary>
    Credulous,

    /// <summary>A push does not take the lock along.</summary>
    Unfenced,
}

/// <summary>
/// One register on a far side, written like a ref: a version names the bytes and what they replaced. It checks with each write what
/// must hold whoever writes, in true time that no client knows.
/// </summary>
internal sealed class LockWorld(TimeProvider truth, LockOptions options, Planted planted)
{
    private DateTimeOffset _writtenAt;

    public List<LockRecord> History { get; } = [];

    public List<string> Breaches { get; } = [];

    public VersionToken Version { get; private set; }

    public LockRecord? Now { get; private set; }

    /// <summary>The epochs of the tenures that wrote the branch, in order.</summary>
    public List<long> Branch { get; } = [];

    public Planted Planted => planted;

    /// <summary>How far a clone's clock is ahead.</summary>
    public Dictionary<string, TimeSpan> Skews { get; } = [];

    public static VersionToken VersionOf(VersionToken expected, LockRecord record) =>
        new(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(expected.Value ?? ""), .. LockRecordJson.Write(record)])));

    /// <summary>One push of a record that was built to replace a version.</summary>
    public bool Push(VersionToken expected, LockRecord next)
    {
        var built = VersionOf(expected, next);
        if (Version == built)
            return true;
        if (Version != expected && planted != Planted.Force)
            return false;
        Judge(Now, next);
        (Version, Now, _writtenAt) = (built, next, truth.GetUtcNow());
        History.Add(next);
        if (planted == Planted.Deletes && next.State == LockState.Released)
            (Version, Now) = (VersionToken.Absent, null);
        return true;
    }

    /// <summary>A push of the branch by who believes to have a tenure, with the lock's renewal in one transaction.</summary>
    public void PushBranch(VersionToken expected, LockRecord renewal)
    {
        if (planted != Planted.Unfenced && !Push(expected, renewal))
            return;
        if (Branch.Count > 0 && renewal.Epoch < Branch[^1])
            Breaches.Add($"the branch took a push of epoch {renewal.Epoch} after one of epoch {Branch[^1]}");
        Branch.Add(renewal.Epoch);
    }

    private void Judge(LockRecord? before, LockRecord next)
    {
        var last = History.Count > 0 ? History[^1] : null;
        if (next.Seq != (last?.Seq ?? 0) + 1)
            Breaches.Add($"number {next.Seq} follows {last?.Seq}");
        if (next.Epoch < (last?.Epoch ?? 0))
            Breaches.Add($"epoch {next.Epoch} follows {last?.Epoch}");
        var begins = next.State == LockState.Held && next.LockId != last?.LockId;
        if (begins && History.Any(record => record.LockId == next.LockId))
            Breaches.Add($"tenure {next.LockId} begins twice");
        if (begins && next.Epoch != (last?.Epoch ?? 0) + 1)
            Breaches.Add($"tenure {next.LockId} begins with epoch {next.Epoch} after {last?.Epoch}");
        if (!begins && next.State != LockState.Broken && before is not null && !before.Owner.IsSame(next.Owner))
            Breaches.Add($"{next.Owner.User} changed the lock of {before.Owner.User}");
        if (next.State == LockState.Broken && next.LockId != last?.LockId)
            Breaches.Add($"a break of {next.LockId} hit {last?.LockId}");
        if (begins && before?.State == LockState.Held)
            JudgeTakeover(before, next);
    }

    private void JudgeTakeover(LockRecord before, LockRecord next)
    {
        var now = truth.GetUtcNow();
        if (now - _writtenAt < LeaseClock.Grace(before, options))
            Breaches.Add($"{next.Owner.User} took over what was written {now - _writtenAt} ago");
        var (holder, taker) = (Skews[before.Owner.User], Skews[next.Owner.User]);
        if ((holder - taker).Duration() <= options.ClockSkewTolerance && now + holder <= before.ExpiresAt)
            Breaches.Add($"{next.Owner.User} took over a lease that still ran by its holder's clock");
    }
}
