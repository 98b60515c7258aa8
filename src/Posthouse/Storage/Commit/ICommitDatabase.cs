namespace Posthouse.Storage.Commit;

/// <summary>The database under a commit loop: one writing transaction at a time. A simulation wraps it to inject faults.</summary>
internal interface ICommitDatabase : IDisposable
{
    /// <summary>Reads and changes inside the present transaction.</summary>
    ISqlWrite Sql { get; }

    /// <summary>Whether a failed statement has made the transaction useless, so that only undoing it, or the part, helps.</summary>
    bool IsAborted => false;

    /// <summary>Takes the gate and begins.</summary>
    /// <exception cref="PosthouseException">STORE_BUSY: nothing was begun.</exception>
    void Begin();

    /// <summary>Commits durably and lets the gate go.</summary>
    /// <exception cref="StoreIoException">It is not known whether it committed; <see cref="Recover"/> has to be called.</exception>
    void Commit();

    /// <summary>Undoes the transaction, if one is still there, and lets the gate go.</summary>
    void Rollback();

    /// <summary>Begins a part that can be undone alone.</summary>
    void Savepoint();

    /// <summary>Keeps the part.</summary>
    void Release();

    /// <summary>Undoes the part.</summary>
    void RollbackToSavepoint();

    /// <summary>Reopens from disk, makes what is there durable, and tells the last turn that this writer committed.</summary>
    long Recover();

    /// <summary>Whether another process has committed since the last look.</summary>
    bool ChangedByOthers();

    /// <summary>Whether that look found something that only a group takes in.</summary>
    bool MustTakeIn => false;

    /// <summary>Folds the log into the database when it has grown; called between groups.</summary>
    void CheckpointIfGrown();
}
