namespace Posthouse.Vcs.Sync;

/// <summary>Which kinds of operations this process tries, where a person named some, or where a verb leaves some to others.</summary>
internal sealed class SyncScope
{
    /// <summary>How long an operation of another kind is left for others, once it was looked at: about as long as a sync takes.</summary>
    public static readonly TimeSpan LeftFor = TimeSpan.FromSeconds(5);

    /// <summary>The kinds; empty means all.</summary>
    public IReadOnlyCollection<OperationKind> Only { get; set; } = [];

    /// <summary>Whether an operation is tried here.</summary>
    public bool Includes(IOperation operation) => Includes(OpenOperations.Ordered(default, operation).Kind);

    /// <summary>Whether operations of a kind are tried here.</summary>
    public bool Includes(OperationKind kind) => Only.Count == 0 || Only.Contains(kind);
}
