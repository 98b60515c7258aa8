namespace Posthouse.Storage.Commit;

/// <summary>
/// Does many rows' work in one statement, where a statement is a journey to a server. A store without one does the same row
/// by row, and lets nothing be committed beside its groups.
/// </summary>
internal interface IBulk
{
    /// <summary>A group begins: it takes in what was committed beside all groups, and what was read on the way.</summary>
    void Begin(Group group);

    /// <summary>Does beforehand what it can of a group's operations; each finds its answer when its turn comes.</summary>
    void Prepare(Group group, IReadOnlyList<IOperation> operations);

    /// <summary>Forgets what it did: the group was undone, and its operations run one by one.</summary>
    void Forget(IReadOnlyList<IOperation> operations);

    /// <summary>Leases rows that the transaction has just read as open.</summary>
    void Lease(Group group, string instance, long until, List<long> rows);
}
