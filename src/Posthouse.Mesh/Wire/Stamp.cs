namespace Posthouse.Mesh.Wire;

/// <summary>
/// Where a message stands among all that its signer ever signed. The epoch rises with each start of the process and is kept on disk,
/// so that what an earlier life of a node said never counts as newer than what the present one says.
/// </summary>
/// <param name="Epoch">Counts the starts of the signer's process.</param>
/// <param name="Seq">Counts the messages of one epoch, from 1.</param>
public readonly record struct Stamp(uint Epoch, ulong Seq) : IComparable<Stamp>
{
    /// <inheritdoc/>
    public int CompareTo(Stamp other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Seq.CompareTo(other.Seq);
}
