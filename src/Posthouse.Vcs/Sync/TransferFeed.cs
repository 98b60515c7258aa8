using Posthouse.Jobs;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync;

/// <summary>What running operations tell a verb that shows it. Live only; raised on threads of the pool.</summary>
internal sealed class TransferFeed
{
    /// <summary>An operation is being tried.</summary>
    public event Action<JobId>? Began;

    /// <summary>An operation found that it has to wait for somebody, and is looked at again later.</summary>
    public event Action<JobId>? Waited;

    /// <summary>An operation is of a kind that this process leaves to others.</summary>
    public event Action<JobId>? Left;

    /// <summary>A push moved on.</summary>
    public event Action<JobId, TransferProgress>? Moved;

    /// <summary>The far side, or Git, said a line.</summary>
    public event Action<JobId, string>? Said;

    /// <summary>Tells that a try begins.</summary>
    public void Begin(JobId id) => Began?.Invoke(id);

    /// <summary>Tells that it waits for somebody.</summary>
    public void Wait(JobId id) => Waited?.Invoke(id);

    /// <summary>Tells that it is left to others.</summary>
    public void Leave(JobId id) => Left?.Invoke(id);

    /// <summary>Tells how far a push is.</summary>
    public void Move(JobId id, TransferProgress progress) => Moved?.Invoke(id, progress);

    /// <summary>Tells a line.</summary>
    public void Say(JobId id, string line) => Said?.Invoke(id, line);
}
