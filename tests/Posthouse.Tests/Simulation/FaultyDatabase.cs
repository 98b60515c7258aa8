using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// The real database of one node, with the faults a real one has: busy, full, a commit whose end is unknown, and the death
/// of the process before and after the commit. Every commit that is on disk is shown to the audit at once.
/// </summary>
internal sealed class FaultyDatabase(QueueWorld world, SimNode node, ICommitDatabase inner) : ICommitDatabase
{
    private readonly int _incarnation = node.Incarnation;
    private readonly FaultySql _sql = new(world, node, inner);
    private bool _endUnknown;
    private bool _undone;

    private Sim Sim => node.Sim;

    public ISqlWrite Sql => _sql;

    public void Begin()
    {
        DemandAlive();
        if (Fails(Fault.StoreBusy))
            throw new PosthouseException(ErrorCodes.StoreBusy, "The gate was not had in time (simulated).");
        inner.Begin();
    }

    public void Commit()
    {
        DemandAlive();
        if (Sim.Chance(Fault.CrashBeforeCommit))
            node.Die(world.Absence());
        if (Fails(Fault.StoreFull))
            throw new PosthouseException(ErrorCodes.StoreFull, "The disk is full (simulated).");
        if (Fails(Fault.StoreError))
            EndUnknown();
        if (world.Bug.CommitsNothing && Sim.Chance(0.2))
        {
            inner.Rollback();
            return;
        }

        inner.Commit();
        world.Audit.Committed(node, inner.Sql);
        if (Sim.Chance(Fault.CrashAfterCommit))
            node.Die(world.Absence());
    }

    public void Rollback()
    {
        DemandAlive();
        inner.Rollback();
        if (Fails(Fault.StoreError))
            throw new StoreIoException(ErrorCodes.StoreUnavailable, "The rollback failed (simulated).");
    }

    public void Savepoint() => inner.Savepoint();

    public void Release() => inner.Release();

    public void RollbackToSavepoint() => inner.RollbackToSavepoint();

    public long Recover()
    {
        DemandAlive();
        if (Fails(Fault.StoreError) || Sim.Chance(_endUnknown ? 0.3 : 0))
        {
            Sim.Reach("recovery failed");
            _endUnknown = false;
            throw new PosthouseException(ErrorCodes.StoreUnavailable, "The disk cannot be read (simulated).");
        }

        var turn = inner.Recover();
        if (_endUnknown)
            Sim.Reach(_undone ? "unknown commit was undone" : "unknown commit was done");
        var lie = _endUnknown ? world.Bug.RecoveryLie : 0;
        _endUnknown = false;
        return turn + (_undone ? Math.Max(lie, 0) : Math.Min(lie, 0));
    }

    public bool ChangedByOthers()
    {
        DemandAlive();
        if (Fails(Fault.StoreError))
            throw new StoreIoException(ErrorCodes.StoreUnavailable, "The file cannot be read (simulated).");
        return inner.ChangedByOthers();
    }

    public void CheckpointIfGrown()
    {
        DemandAlive();
        if (Fails(Fault.StoreBusy))
            throw new PosthouseException(ErrorCodes.StoreBusy, "The gate was not had in time for a checkpoint (simulated).");
        if (Fails(Fault.StoreError))
            throw new StoreIoException(ErrorCodes.StoreUnavailable, "The checkpoint failed (simulated).");
        inner.CheckpointIfGrown();
    }

    public void Dispose() => inner.Dispose();

    /// <summary>The commit ends with an error. Whether it happened, nobody who asks now knows.</summary>
    private void EndUnknown()
    {
        _endUnknown = true;
        _undone = Sim.Chance(0.5);
        if (_undone)
        {
            inner.Rollback();
        }
        else
        {
            inner.Commit();
            world.Audit.Committed(node, inner.Sql);
        }

        throw new StoreIoException(ErrorCodes.Unknown, "The write failed (simulated).");
    }

    private bool Fails(Fault fault)
    {
        var fails = Sim.Chance(fault);
        if (fails)
            world.Disturbed(node);
        return fails;
    }

    private void DemandAlive()
    {
        if (!node.IsAlive(_incarnation))
            throw new NodeCrashed(node.Name);
    }
}
