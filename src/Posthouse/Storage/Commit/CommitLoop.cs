using Posthouse.Diagnostics;
using Posthouse.Queue;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Commit;

/// <summary>
/// Group commit. Whatever waits is run in one transaction, committed once, and then answered; so the price of a disk flush
/// is shared by all who wait for it. A plain class without a thread: a thread calls <see cref="Turn"/> in a process, the
/// kernel's heap in a simulation.
///
/// One turn: take what waits → begin → run each operation → the tail (due rows, standing claims) → commit → answer.
/// What is true if the process dies: (1) before the commit nothing of the group happened and nobody was told that it did;
/// (2) after the commit all of it happened, and callers who were not told can repeat their call by its id.
/// </summary>
internal sealed class CommitLoop(
    ICommitDatabase database, string writer, TimeProvider time, IJobDrafts drafts, QueueLimits limits, Action<Group> tail, Action signal,
    StoreWatch? watch, IBulk? bulk = null)
{
    /// <summary>Rows that a group's operations write at most: about 20 ms of work, so that nobody waits longer for a free seat.</summary>
    public const int MaxGroup = 2_000;

    private readonly WaitingOperations _waiting = new();
    private readonly ClockWatch _clock = new(time);
    private List<IOperation> _group = [];
    private long _turn;
    private bool _broken;
    private bool _clampPending;
    private long _begun;

    /// <summary>Called on the loop after each commit, with the position of the last event it appended or 0.</summary>
    public Action<long>? Committed { get; set; }

    /// <summary>Called on the loop after a group that may or may not be on disk: its tail served more than those who posted.</summary>
    public Action<Exception>? EndUnknown { get; set; }

    /// <summary>Whether an operation waits.</summary>
    public bool HasWork => _waiting.Any;

    /// <summary>Puts an operation into the next group, or refuses it when the loop was closed. Any thread.</summary>
    public void Post(IOperation operation)
    {
        _waiting.Add(operation);
        signal();
    }

    /// <summary>Runs one group, even an empty one for the sake of its tail; true when more waits.</summary>
    public bool Turn()
    {
        var more = _waiting.Take(ref _group, MaxGroup);
        try
        {
            RunGroup();
        }
        finally
        {
            _group.Clear();
        }

        return more;
    }

    /// <summary>Refuses everything that still waits and that comes later; the store is closed.</summary>
    public void Close(Exception reason) => _waiting.Close(reason);

    private void RunGroup()
    {
        var failures = new Dictionary<IOperation, Exception>();
        Group group;
        long mark;
        try
        {
            RecoverIfBroken();
            group = TryWithoutSavepoints(failures) ?? RunOnce(failures, everySavepoint: true)!;
            watch?.Ran(_begun);
            mark = group.Close(writer, _turn);
            CrashPoint.Reached(CrashAt.GroupRun);
        }
        catch (Exception e)
        {
            // Nothing was committed: whoever asked hears it and may ask again. The loop itself never dies of one group.
            _broken |= e is StoreIoException;
            Survive(database.Rollback);
            _group.ForEach(operation => operation.Fail(e));
            return;
        }

        if (Commit(mark, out var unknown))
        {
            CrashPoint.Reached(CrashAt.GroupCommitted);
            Answer(group, failures);
        }
        else
        {
            _group.ForEach(operation => operation.Fail(unknown!));
            if (unknown is PosthouseException { Code: ErrorCodes.Unknown })
            {
                EndUnknown?.Invoke(unknown);
            }
        }
    }

    /// <summary>
    /// The quick way: operations that check before they change need no savepoint. Null when one of them failed after a change
    /// all the same; then everything is undone and run again, each in its own savepoint.
    /// </summary>
    private Group? TryWithoutSavepoints(Dictionary<IOperation, Exception> failures)
    {
        var group = RunOnce(failures, everySavepoint: false);
        if (group is null)
        {
            database.Rollback();
            failures.Clear();
            bulk?.Forget(_group);
        }

        return group;
    }

    private Group? RunOnce(Dictionary<IOperation, Exception> failures, bool everySavepoint)
    {
        database.Begin();
        _begun = time.GetTimestamp();
        var (now, wentBack) = _clock.Look();
        var group = new Group(database.Sql, now, drafts, limits, bulk);
        bulk?.Begin(group);
        _clampPending |= wentBack;
        if (_clampPending)
        {
            group.Execute(DueRows.ClampWaits, group.NowMs);
        }

        if (!everySavepoint && !TryPrepare(group))
        {
            return null;
        }

        foreach (var operation in _group)
        {
            if (everySavepoint || operation.NeedsSavepoint)
            {
                RunInSavepoint(group, operation, failures);
                continue;
            }

            var before = group.Changes;
            try
            {
                operation.Run(group);
            }
            catch (Exception e) when (!IsFatal(e))
            {
                if (group.Changes != before || database.IsAborted)
                {
                    return null;
                }

                failures[operation] = e;
            }
        }

        tail(group);
        return group;
    }

    /// <summary>What fails for all of them together may be the fault of one: then each runs alone.</summary>
    private bool TryPrepare(Group group)
    {
        try
        {
            bulk?.Prepare(group, _group);
            return true;
        }
        catch (Exception e) when (!IsFatal(e))
        {
            return false;
        }
    }

    private void RunInSavepoint(Group group, IOperation operation, Dictionary<IOperation, Exception> failures)
    {
        var mark = group.Mark();
        database.Savepoint();
        try
        {
            operation.Run(group);
            database.Release();
        }
        catch (Exception e) when (!IsFatal(e))
        {
            database.RollbackToSavepoint();
            group.Restore(mark);
            failures[operation] = e;
        }
    }

    /// <summary>Errors of the store itself end the whole group; all others concern one operation.</summary>
    private static bool IsFatal(Exception e) =>
        e is StoreIoException or PosthouseException { Code: ErrorCodes.StoreFull or ErrorCodes.StoreBusy or ErrorCodes.StoreCorrupt };

    private bool Commit(long mark, out Exception? unknown)
    {
        unknown = null;
        try
        {
            database.Commit();
        }
        catch (StoreIoException e)
        {
            return Resolve(e, mark, out unknown);
        }
        catch (Exception e)
        {
            // It was refused, or one of the last statements was that it takes along.
            Survive(database.Rollback);
            unknown = e;
            return false;
        }

        _turn = mark;
        _clampPending = false;
        watch?.Committed(_group.Count, _begun);
        return true;
    }

    /// <summary>
    /// A commit ended with an I/O error: it may be on disk or not. The writer's own mark, changed by every group, tells
    /// which, once the database was opened anew and what it holds was made durable.
    /// </summary>
    private bool Resolve(StoreIoException error, long mark, out Exception? unknown)
    {
        _broken = true;
        try
        {
            var last = database.Recover();
            _broken = false;
            var committed = last == mark;
            _turn = last;
            watch?.Resolved(committed, _group.Count);
            unknown = committed ? null : new PosthouseException(ErrorCodes.StoreUnavailable,
                "The disk refused the write; nothing was stored. Try again, and look at the disk.", error);
            return committed;
        }
        catch (Exception e)
        {
            unknown = new PosthouseException(ErrorCodes.Unknown,
                "The disk failed while the change was written, and again when it was read back: it may be stored or not. Repeat the call with the same id.", e);
            return false;
        }
    }

    private void RecoverIfBroken()
    {
        if (_broken)
        {
            _turn = database.Recover();
            _broken = false;
        }
    }

    /// <summary>Effects first: timers are set before anybody hears that the group is there.</summary>
    private void Answer(Group group, Dictionary<IOperation, Exception> failures)
    {
        group.RunEffects();
        Committed?.Invoke(group.LastPosition);
        foreach (var operation in _group)
        {
            if (failures.TryGetValue(operation, out var error))
            {
                operation.Fail(error);
            }
            else
            {
                operation.Complete();
            }
        }

        CrashPoint.Reached(CrashAt.GroupAnswered);
        Survive(database.CheckpointIfGrown);
    }

    /// <summary>What comes after the outcome of a group is known cannot change it, and must not end the loop: the next group finds out.</summary>
    private void Survive(Action step)
    {
        try
        {
            step();
        }
        catch (PosthouseException e)
        {
            _broken |= e is StoreIoException;
        }
    }
}
