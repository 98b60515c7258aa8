using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// Tells which providers this node does not believe, and why, so that their operators need not guess it from counts. Anybody can make up
/// signers, so few are told, and each seldom.
/// </summary>
internal sealed class Disbelief(MeshFacts facts)
{
    /// <summary>Signers and reasons that are told in an hour: more than a mesh has that were set up wrongly.</summary>
    public const int Most = 64;

    /// <summary>Time until the same is told again.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromHours(1);

    private readonly Dictionary<(NodeId Signer, Refusal Reason), TimeSpan> _told = [];

    /// <summary>A signer was refused.</summary>
    public void Note(NodeId signer, Refusal reason, TimeSpan now)
    {
        if (!IsOfSettings(reason) || (_told.TryGetValue((signer, reason), out var at) && now - at < Again))
            return;
        if (_told.Count >= Most)
        {
            foreach (var (known, since) in _told)
            {
                if (now - since >= Again)
                    _told.Remove(known);
            }
        }

        if (_told.Count >= Most)
            return;
        _told[(signer, reason)] = now;
        facts.Tell(new ProviderRefused(signer, reason));
    }

    /// <summary>Whether somebody should set something otherwise, here or there. Who is banned was banned on purpose.</summary>
    private static bool IsOfSettings(Refusal reason) => reason is Refusal.SignerNotAllowed or Refusal.Uncertified or Refusal.OperatorUnknown
        or Refusal.CertificateExpired or Refusal.CertificateForged or Refusal.KeyRetired;
}
