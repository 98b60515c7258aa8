using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Vcs.Projects;

/// <summary>
/// A clone's own name, random, in a file inside Git's folder. A clone that is moved or renamed keeps it. A copy gets one of its
/// own, for two folders with one name would take each other's locks for theirs.
///
/// How a copy is known: the file says which file it is. A rename leaves a file's number as it is and every copy has another.
/// Where the numbers are made up anew when a disk is mounted, as on exFAT, the same path with the same time of birth counts too.
/// </summary>
internal static class CloneId
{
    /// <summary>Hexadecimal digits of an id: 64 random bits, so that no two of a million clones share one.</summary>
    private const int Digits = 16;

    /// <summary>How long another process may take to write the file, at most; it takes two flushes.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private const int PauseMicroseconds = 2_000;

    /// <summary>The clone's id; made on first use, and made anew in a copy.</summary>
    /// <param name="gitFolder">Git's (common) folder, in full.</param>
    /// <param name="ids">Randomness.</param>
    /// <exception cref="PosthouseException">STORE_BUSY: another process holds the file. LOCAL_FAILURE: a file stands where its folder belongs.</exception>
    public static string Of(string gitFolder, IIds ids)
    {
        var folder = Path.Combine(gitFolder, "posthouse");
        var path = Path.Combine(folder, "clone");
        if (Read(path) is { } kept && kept.Now == kept.Then)
            return kept.Id;

        if (File.Exists(folder))
            throw new PosthouseException(VcsErrors.LocalFailure, $"{folder} is a file, and a folder of that name keeps what belongs to this clone.\nMove the file away, then try again.");
        Durable.CreatePrivateDirectory(folder);
        using var guard = Guard(path + ".lock");
        if (Read(path) is not { } found)
            return Write(path, Draw(ids));
        if (found.Now == found.Then)
            return found.Id;
        return Write(path, IsTheSame(found.Then, found.Now) ? found.Id : Draw(ids));
    }

    /// <summary>The clone's id where it has one. Looks only: makes none, and a copy has none of its own yet.</summary>
    /// <param name="gitFolder">Git's (common) folder, in full.</param>
    public static string? Find(string gitFolder) =>
        Read(Path.Combine(gitFolder, "posthouse", "clone")) is { } kept && (kept.Now == kept.Then || IsTheSame(kept.Then, kept.Now)) ? kept.Id : null;

    /// <summary>
    /// As whom a clone works with one of its remotes. What it locks at one is none of another's business, and neither is what it has
    /// queued for it; so it is somebody else at each, and itself at <c>origin</c>.
    /// </summary>
    internal static string At(string clone, string remote) => remote == "origin"
        ? clone
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{clone}\n{remote}")))[..Digits];

    /// <summary>Whether a file that was one thing then and is another now is still the same file.</summary>
    internal static bool IsTheSame(Witness then, Witness now) =>
        (then.Number == now.Number && (then.Disk == now.Disk || then.Path == now.Path)) || (then.Path == now.Path && then.Born == now.Born);

    /// <summary>A new random id.</summary>
    internal static string Draw(IIds ids) => ids.NextUInt64().ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Whether a text is an id.</summary>
    internal static bool IsId(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigitLower);

    private static (string Id, Witness Then, Witness Now)? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var bytes = new byte[RandomAccess.GetLength(file)];
            var lines = Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0)).Split('\n');
            return lines.Length >= 5 && IsId(lines[0])
                && ulong.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var disk)
                && ulong.TryParse(lines[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && long.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var born)
                ? (lines[0], new Witness(disk, number, born, lines[4]), Of(file, path))
                : null; // Not ours, or of a version to come: it is written anew.
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The number is the unfinished file's, which the rename keeps; the path is the one that it will have.</summary>
    private static string Write(string path, string id)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        using (var file = Durable.CreatePrivateFile(unfinished))
        {
            var witness = Of(file.SafeFileHandle, path);
            file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}\n{witness.Disk}\n{witness.Number}\n{witness.Born}\n{witness.Path}\n")));
            file.Flush();
            Durable.Fsync(file.SafeFileHandle);
        }

        Durable.Rename(unfinished, path);
        return id;
    }

    private static Witness Of(SafeFileHandle file, string path)
    {
        var (disk, number) = Durable.Identity(file);
        return new Witness(disk, number, File.GetCreationTimeUtc(file).Ticks, path);
    }

    private static FileLock Guard(string path)
    {
        for (var waits = _patience.TotalMicroseconds / PauseMicroseconds; ; waits--)
        {
            if (FileLock.TryTake(path) is { } guard)
                return guard;
            if (waits <= 0)
            {
                throw new PosthouseException(ErrorCodes.StoreBusy, $"Another process has held {path} for {_patience.TotalSeconds:0} s. Look what it is doing, then try again.");
            }

            Durable.Pause(PauseMicroseconds);
        }
    }

    /// <summary>What tells one file from another.</summary>
    /// <param name="Disk">The number of its disk.</param>
    /// <param name="Number">Its number on that disk.</param>
    /// <param name="Born">When it was made, in ticks of UTC.</param>
    /// <param name="Path">Where it is, in full.</param>
    internal readonly record struct Witness(ulong Disk, ulong Number, long Born, string Path);
}
