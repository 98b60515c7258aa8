using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Postgres.Bulk;

/// <summary>The end of a try, which may be written together with those of others.</summary>
internal sealed class SettleOperation(Lease lease, Settlement settlement) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously), IOperation
{
    private bool _value;

    public Lease Lease => lease;

    public byte[] Result => settlement.Result ?? [];

    /// <summary>What became of it beforehand; null: nothing was tried.</summary>
    public bool? Settled { get; set; }

    /// <summary>Whether it arrived, and nothing else is to be done.</summary>
    public bool IsMergeable => settlement is { Kind: SettlementKind.Done, Write: null };

    public bool NeedsSavepoint => settlement.Write is not null;

    public int Weight => 1;

    public void Run(Group group) => _value = Settled ?? Settling.Settle(group, lease, settlement);

    public void Complete() => TrySetResult(_value);

    public void Fail(Exception error) => TrySetException(error);
}
