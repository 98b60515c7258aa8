using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>How a key was changed.</summary>
/// <param name="Old">The node's id until now.</param>
/// <param name="New">Its id from the next start on.</param>
/// <param name="Key">The new public key.</param>
/// <param name="Aside">The file of the old key.</param>
/// <param name="Told">Peers that were told.</param>
internal sealed record ChangedKey(NodeId Old, NodeId New, PublicKey Key, string Aside, int Told);

/// <summary>Gives a node another key, and with it another id; the process that has the old one must end.</summary>
internal static class KeyRotation
{
    /// <summary>Changes the key of a node that runs: the mesh is told, and the old id provides no more.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it was changed already, or the next key has no certificate;
    /// <see cref="ErrorCodes.StoreUnavailable"/>: the node has stopped, or the files could not be written, and all is as it was.</exception>
    public static async Task<ChangedKey> RunAsync(NodeParts parts, MeshOptions options)
    {
        // On the loop, a few files long: one change comes after the other, and the old key signs nothing between the word and the goodbye.
        // What the disk or the operator has to mend is no failure of the engine, so it comes back as a value.
        var (changed, refused) = await parts.Loop.AskAsync((engine, now) => Try(() => Change(engine, parts.Key.Public, options, now)));
        if (changed is null)
            throw refused!;
        parts.Events.KeyChanged(changed.Old, changed.New);
        return changed;
    }

    /// <summary>Changes the key of a node that does not run, where nobody needs the old key's word for the new one.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the next key has no certificate;
    /// <see cref="ErrorCodes.StoreUnavailable"/>: the files could not be written.</exception>
    public static ChangedKey RunStopped(MeshOptions options)
    {
        var (changed, refused) = Try(() =>
        {
            var keys = new NodeKeys(options.Folder);
            using var own = keys.Own();
            using var next = keys.Next();
            CheckCertificate(options, next.Public);
            return new ChangedKey(own.Public.Id, next.Public.Id, next.Public, keys.Swap(own.Public.Id, default), Told: 0);
        });
        return changed ?? throw refused!;
    }

    private static ChangedKey Change(GossipNode engine, PublicKey running, MeshOptions options, Moment now)
    {
        var keys = new NodeKeys(options.Folder);
        using (var own = keys.Own())
        {
            // A second change would be told by a key that is believed no more.
            if (!own.Public.Equals(running))
                throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The key was changed already, and the server has not been restarted since; its next start is node {own.Public.Id}.");
        }

        using var next = keys.Next();
        CheckCertificate(options, next.Public);
        var aside = "";
        engine.ChangeKey(next, now, word => aside = keys.Swap(running.Id, word));
        return new(running.Id, next.Public.Id, next.Public, aside, engine.Near.Up.Count);
    }

    private static (ChangedKey? Changed, PosthouseException? Refused) Try(Func<ChangedKey> change)
    {
        try
        {
            return (change(), null);
        }
        catch (PosthouseException refused)
        {
            return (null, refused);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, new PosthouseException(ErrorCodes.StoreUnavailable, $"The key could not be replaced ({error.Message.TrimEnd('.')}). Make room or give the right to write, and say it again.", error));
        }
    }

    /// <summary>An operator's word is for one key. Without one for the next key the node would be believed by nobody from its next start on.</summary>
    private static void CheckCertificate(MeshOptions options, PublicKey next)
    {
        if (options.Trust != TrustMode.Operator || options.CertificateFile is not { } file)
            return;
        try
        {
            CertificateText.Read(file, next);
        }
        catch (PosthouseException missing)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"Nobody would believe the next key without an operator's certificate. Have one written with 'posthouse mesh certify --operator-key FILE {next}', put it into {file}, do not restart the server, and say this again.", missing);
        }
    }
}
