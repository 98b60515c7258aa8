using System.Text;
using Posthouse.Mesh.Wire;
using Posthouse.Storage;

namespace Posthouse.Mesh.Hosting;

/// <summary>The files of a node's key, of the one that is to take its place, and of those that it had.</summary>
/// <param name="folder">The node's folder.</param>
internal sealed class NodeKeys(string folder)
{
    /// <summary>The key that is to take the other's place; it lies there before, so that an operator can certify it.</summary>
    public const string NextFile = "node.key.next";

    /// <summary>What each key before said of the next one.</summary>
    public const string SuccessionFile = "node.succession";

    /// <summary>Words that are kept: half of the changes that a status tells. Who lists a key that was changed so often since lists a newer one.</summary>
    private const int MaxWords = MeshProtocol.MaxBeacons / 4;

    private readonly string _own = Path.Combine(folder, NodeParts.KeyFile);
    private readonly string _succession = Path.Combine(folder, SuccessionFile);

    /// <summary>The key; it is made where there is none.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it cannot be used.</exception>
    public EcdsaKey Own() => EcdsaKey.Open(_own);

    /// <summary>The next one; it is made where there is none.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it cannot be used.</exception>
    public EcdsaKey Next() => EcdsaKey.Open(Path.Combine(folder, NextFile));

    /// <summary>The words of the keys before, each for the next one, the oldest first; none: nobody needs them.</summary>
    public IReadOnlyList<SignedFrame> Succession() => File.Exists(_succession) ? KeyWords.Read(File.ReadAllText(_succession)) : [];

    /// <summary>Puts the next key into the place of the own one, which is kept aside.</summary>
    /// <param name="old">Whose key goes.</param>
    /// <param name="succession">Its word for the next one; empty: nobody needs it.</param>
    /// <returns>Where the old one lies.</returns>
    /// <exception cref="IOException">The system could not do it; the old key is in its place.</exception>
    public string Swap(NodeId old, ReadOnlyMemory<byte> succession)
    {
        var (aside, own) = ($"{_own}.{old.Short}", File.ReadAllBytes(_own));
        if (!File.Exists(aside))
            Durable.WriteAllBytesAtomically(aside, own);
        else if (!own.AsSpan().SequenceEqual(File.ReadAllBytes(aside)))
            throw new IOException($"{aside} holds another key, move it away.");
        // What this key said before was of one that never took its place; the first word would be the one that holds.
        var words = Succession().Where(word => word.Envelope.Signer != old).ToList();
        if (KeyWords.Read(succession) is { } last)
            words.Add(last);
        if (words.Count > 0)
            Durable.WriteAllBytesAtomically(_succession, Encoding.ASCII.GetBytes(KeyWords.Write(words.TakeLast(MaxWords))));
        else
            File.Delete(_succession);
        Durable.Rename(Path.Combine(folder, NextFile), _own);
        return aside;
    }
}
