namespace Posthouse.Storage.Commit;

/// <summary>
/// An enqueue inside a change was refused for want of disk. Not a STORE_FULL yet: inside a group that would mean that the
/// disk refused a write, and end the outcomes that share the group and that the reserve is kept for.
/// </summary>
internal sealed class ReserveReachedException(PosthouseException refusal) : Exception(refusal.Message, refusal)
{
    /// <summary>What the caller is told.</summary>
    public PosthouseException Refusal => refusal;
}
