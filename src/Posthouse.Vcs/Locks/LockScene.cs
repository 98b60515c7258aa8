namespace Posthouse.Vcs.Locks;

/// <summary>All that a rule may look at: a register as it was read, the moment, and who asks. Rules are functions of it.</summary>
/// <param name="View">The register.</param>
/// <param name="Now">This machine's time, in whole milliseconds.</param>
/// <param name="Me">Who asks.</param>
/// <param name="Options">The lease rules.</param>
/// <param name="Can">What the store can do.</param>
/// <param name="Operation">The operation's id, without the suffix of a round.</param>
internal sealed record LockScene(LockView View, DateTimeOffset Now, LockOwner Me, LockOptions Options, LockCapabilities Can, string Operation)
{
    /// <summary>What the register holds.</summary>
    public LockRecord? Record => View.Record;

    /// <summary>The number of the record that would come next.</summary>
    public long NextSeq => (Record?.Seq ?? 0) + 1;

    /// <summary>The id of the record that this operation would write next.</summary>
    public string NextOpId => LockProtocol.OpIdOf(Operation, NextSeq);

    /// <summary>Whether this operation wrote what is there.</summary>
    public bool IsMyWriting => Record is not null && LockProtocol.IsBy(Record, Operation);

    /// <summary>Whether what is there is the first record of a tenure that this operation began.</summary>
    public bool IsMyBeginning => IsMyWriting && Record!.AcquiredAt == Record.RenewedAt;

    /// <summary>Whether the store keeps leases at all.</summary>
    public bool HasLeases => Can.HasFlag(LockCapabilities.Expiry);
}

/// <summary>What a rule says.</summary>
internal abstract record LockDecision
{
    private LockDecision()
    {
    }

    /// <summary>It is over, without a write.</summary>
    /// <param name="Answer">How.</param>
    internal sealed record Done(LockAnswer Answer) : LockDecision;

    /// <summary>A record is to be written in place of the one that was read.</summary>
    /// <param name="Next">The record.</param>
    /// <param name="Then">The answer when it is there.</param>
    internal sealed record Write(LockRecord Next, Func<LockView, LockAnswer> Then) : LockDecision;
}
