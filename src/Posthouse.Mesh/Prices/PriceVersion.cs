using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>
/// Orders all that one provider ever said about one asset. Two messages never share one, for the message's id is the hash of its
/// content; so the greatest version is the same on every node, in whatever order they heard.
/// </summary>
/// <param name="ObservedAt">The source's time: the newest price is the one last true, not the one last sent.</param>
/// <param name="Stamp">Where the message stands among its signer's.</param>
/// <param name="MessageId">The content's hash, which parts the two messages of a signer that used one stamp twice.</param>
internal readonly record struct PriceVersion(DateTimeOffset ObservedAt, Stamp Stamp, MessageId MessageId) : IComparable<PriceVersion>
{
    /// <inheritdoc/>
    public int CompareTo(PriceVersion other) =>
        ObservedAt.CompareTo(other.ObservedAt) is var byTime and not 0 ? byTime
        : Stamp.CompareTo(other.Stamp) is var byStamp and not 0 ? byStamp
        : MessageId.CompareTo(other.MessageId);
}
