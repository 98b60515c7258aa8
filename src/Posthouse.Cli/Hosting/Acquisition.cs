using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>A lock that somebody wants.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Lease">For how long.</param>
internal sealed record AcquireWish(ResourceKey Key, TimeSpan Lease)
{
    /// <summary>Why, for the others, or null.</summary>
    public string? Message { get; init; }

    /// <summary>How often it will be renewed, or null.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>Whether it may be taken although the remote's branch is ahead of what is here.</summary>
    public bool AllowStale { get; init; }

    /// <summary>The branch that it concerns, or null for the present one.</summary>
    public string? Branch { get; init; }

    /// <summary>Whether the queue waits for a lock of another.</summary>
    public bool WaitsInQueue { get; init; }

    /// <summary>How long the verb waits for a lock of another; null: not at all.</summary>
    public TimeSpan? WaitFor { get; init; }
}

/// <summary>Takes a lock for a verb, and waits for it where that is wanted.</summary>
internal sealed class Acquisition(ProjectSite site, LockDesk desk)
{
    /// <summary>The status where this clone had the lock before.</summary>
    public const string AlreadyMine = "already_mine";

    /// <summary>A colleague who waits for the lock notices no difference to at once, and the remote none to idle.</summary>
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Takes it.</summary>
    /// <returns>How that ended, and the lock where this clone has it now.</returns>
    public async Task<(VerbEnd End, LockFace? Held)> RunAsync(AcquireWish wish, CancellationToken cancellationToken)
    {
        var began = site.Time.GetTimestamp();
        var before = await desk.KnownAsync(wish.Key);
        while (true)
        {
            try
            {
                if (wish.WaitFor is { } most) { await UntilFreeAsync(wish.Key, most - site.Time.GetElapsedTime(began), cancellationToken); }
            }
            catch (OperationCanceledException) when (site.IsOverdue)
            {
                return (await ConflictAsync(wish.Key) ?? throw new VcsException(RemoteReach.Silent), null);
            }

            var end = await site.PerformAsync(Operation(wish), ForegroundBudget.Acquire(site.Configuration), cancellationToken);
            if (end.Kind == OperationEndKind.Done) { return await HaveAsync(wish, before, end); }
            if (end.Kind != OperationEndKind.Conflict || end.Failure?.Category is not (null or FailureCategory.LockConflict)) { return (OperationText.Unfinished(end), null); }
            if (wish.WaitFor is not { } wait || site.Time.GetElapsedTime(began) >= wait) { return (await ConflictAsync(wish.Key, end) ?? OperationText.Unfinished(end), null); }
        }
    }

    private AcquireLock Operation(AcquireWish wish) => new(
        site.Project.CloneId, wish.Key.Path, (long)wish.Lease.TotalSeconds, wish.Message, (long?)wish.Heartbeat?.TotalSeconds, wish.WaitsInQueue, wish.AllowStale, wish.Branch);

    /// <summary>Looks at the register until it can be taken. A remote that cannot be asked ends the wait: taking it says why.</summary>
    private async Task UntilFreeAsync(ResourceKey key, TimeSpan most, CancellationToken cancellationToken)
    {
        var began = site.Time.GetTimestamp();
        for (var isTold = false; ; isTold = true)
        {
            LockFace? face;
            try
            {
                face = (await desk.ReadAllAsync(cancellationToken)).Find(one => one.View.IsTaken && one.View.Key.Overlaps(key));
            }
            catch (VcsException)
            {
                return;
            }

            var left = most - site.Time.GetElapsedTime(began);
            if (face is null || left <= TimeSpan.Zero) { return; }
            if (!isTold) { site.Tell($"{site.Terminal.NoteMark} {(face.View.Key == key ? "Locked" : LockBox.Named(face.Path) + " locked")} by {face.Record!.Owner.Named} until {Ages.Utc(face.Record.ExpiresAt)}; waiting (Ctrl+C ends it)"); }
            await Task.Delay(left < _lookEvery ? left : _lookEvery, site.Time, cancellationToken);
        }
    }

    private async Task<(VerbEnd End, LockFace? Held)> HaveAsync(AcquireWish wish, LockFace? before, OperationEnd end)
    {
        var face = await desk.KnownAsync(wish.Key) is { } known ? known with { ReadAt = null } : null;
        var had = before is { View.IsMine: true, View.IsHeld: true } && face?.Record is { } now && before.Record!.LockId == now.LockId;
        List<string> lines = [$"{site.Terminal.DoneMark} {(had ? "You hold this lock already" : "Lock acquired successfully")}"];
        if (face?.Record is { } record)
        {
            lines.Add(TextTable.Clean($"  Lock: {LockBox.Named(face.Path)}", site.Terminal.Unicode));
            // Whoever never said 'posthouse init' may not have meant all of it, nor that remote.
            if (wish.Key.Path == ResourceKey.WholeProject && (Places.OfProcess(site.Project.Root).ProjectConfiguration is not { } file || !File.Exists(file))) { lines.Add($"  At: {site.Project.Remote}, {site.Address}"); }
            lines.Add($"  Lock ID: {record.LockId}");
            lines.Add(face.View.Remaining is null ? "  Expires: never by itself" : $"  Expires: {Ages.Utc(record.ExpiresAt)} ({Ages.AheadAbout(record.ExpiresAt, face.FarNow)})");
        }

        var isThere = ResourcePath.IsThere(site.Project.Root, wish.Key);
        return (new VerbEnd(had ? AlreadyMine : "acquired")
        {
            Lines = lines,
            Warnings = isThere ? [] : [$"Nothing is at '{wish.Key.Path}' here: the lock is taken all the same; check how it is spelled."],
            Data = json => OperationText.Data(json, end, face),
        }, face);
    }

    /// <summary>Who has the lock, as it was seen last; null where nobody is known to.</summary>
    private async Task<VerbEnd?> ConflictAsync(ResourceKey key, OperationEnd? end = null)
    {
        var isLeft = end is not null && await site.Jobs.GetAsync(end.Id) is { State: JobState.Dead, Reason: { } reason } && JobLaw.NeedsDecision(reason);
        // What the operation met was written down last.
        var face = (await desk.KnownAllAsync()).Where(one => one.View is { IsHeld: true, IsMine: false } && one.View.Key.Overlaps(key))
            .OrderByDescending(one => one.View.Key == key).ThenByDescending(one => one.ReadAt).FirstOrDefault();
        return face is null ? null : LockText.Conflict(face with { ReadAt = null }, key, site.Terminal, path => ResourcePath.Word(site.Project.Root, site.Flags.Folder, path), isLeft ? end!.Id.Value : null);
    }
}
