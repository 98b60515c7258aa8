using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>The locks of a project as they were seen: at the remote, or by this machine's memory.</summary>
/// <param name="Root">The project's root.</param>
/// <param name="Faces">The locks.</param>
/// <param name="Lost">Those that were taken from this clone and not given up since.</param>
internal sealed record LockLook(string Root, IReadOnlyList<LockFace> Faces, IReadOnlyList<LockFace> Lost)
{
    /// <summary>Whether it is from memory.</summary>
    public bool IsRemembered { get; init; }

    /// <summary>Whether nobody was asked and nothing is remembered: then no lock says nothing.</summary>
    public bool IsUnknown => IsRemembered && Faces.Count == 0;

    /// <summary>Why the remote could not be asked; null: it was, or nobody wanted that.</summary>
    public RemoteFailure? Away { get; init; }

    /// <summary>Asks the remote; where that is away, the memory answers.</summary>
    /// <exception cref="VcsException">The remote answered, and refused.</exception>
    public static async Task<LockLook> TakeAsync(ProjectSite site, LockDesk desk, CancellationToken cancellationToken)
    {
        RemoteFailure away;
        try
        {
            await desk.ReachAsync(cancellationToken);
            var faces = await desk.ReadAllAsync(cancellationToken);
            return new LockLook(site.Project.Root, faces, await desk.LostAsync());
        }
        catch (VcsException failure) when (failure.Failure.MayWait)
        {
            away = failure.Failure;
        }
        catch (OperationCanceledException) when (site.IsOverdue)
        {
            away = RemoteReach.Silent;
        }

        return new LockLook(site.Project.Root, await desk.KnownAllAsync(), await desk.LostAsync()) { IsRemembered = true, Away = away };
    }

    /// <summary>
    /// Reads the memory alone: neither the queue nor the network is opened for it, so that an editor may ask before each save.
    /// </summary>
    /// <exception cref="PosthouseException">NOT_A_PROJECT or GIT_MISSING.</exception>
    public static async Task<LockLook> RememberAsync(VcsFlags flags, Configuration configuration, string pocket, TimeProvider time, CancellationToken cancellationToken)
    {
        var (root, gitFolder) = await ProjectFinder.PlaceAsync(new GitProgram(time, new GitOptions()), flags.Folder, cancellationToken);
        var clone = CloneId.At(CloneId.Of(gitFolder, SystemIds.Instance), flags.Remote);
        using var reader = StoreReader.TryOpen(new StorePlace(StoreKind.Pocket, pocket).Database);
        var known = reader?.Read(read => VcsSchema.IsIn(read) ? LockBook.List(read, clone) : []) ?? [];
        var (options, now) = (VcsPocket.Locks(configuration), time.GetUtcNow());
        var faces = known.ConvertAll(one => (one.Standing, Face: LockDesk.Remembered(one, null, options, now)));
        return new LockLook(root, faces.ConvertAll(one => one.Face), [.. faces.Where(one => one.Standing == KnownStanding.Lost).Select(one => one.Face)]) { IsRemembered = true };
    }

    /// <summary>What the reader should know about where this comes from.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="folder">The folder that what is advised is typed in.</param>
    public IEnumerable<string> Warnings(DateTimeOffset now, string folder)
    {
        if (Away is { } failure)
        {
            yield return $"{failure.Message} - " + (Faces.Count == 0 ? "nothing is remembered here" : $"this is what was known {Ages.Ago(Faces.Min(face => face.ReadAt) ?? now, now)}");
        }
        else if (IsRemembered)
        {
            yield return Faces.Count == 0 ? "Nothing is remembered here: no lock of this project was ever looked at." : $"This is what was known {Ages.Ago(Faces.Min(face => face.ReadAt) ?? now, now)}; nobody was asked.";
        }

        foreach (var face in Lost)
        {
            var word = ResourcePath.Word(Root, folder, face.View.Key.Path);
            yield return $"LOST: the lock of {LockBox.Named(face.Path)} was taken from you. 'posthouse lock release{word}' gives it up, 'posthouse lock acquire{word}' takes a new one.";
        }
    }
}
