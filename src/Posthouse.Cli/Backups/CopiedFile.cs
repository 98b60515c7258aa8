using System.Security.Cryptography;
using Posthouse.Storage;

namespace Posthouse.Cli.Backups;

/// <summary>Copies of files that are on disk before anybody is told of them.</summary>
internal static class CopiedFile
{
    /// <summary>Large enough that the disk, and not the number of calls, sets the pace.</summary>
    private const int Piece = 1 << 20;

    /// <summary>Copies a file, for this user alone; what stood there is replaced.</summary>
    /// <exception cref="IOException">It could not be read or written.</exception>
    public static BackedFile Make(string from, string folder, string path)
    {
        var to = Path.Combine(folder, path);
        MakeFolders(folder, path);
        File.Delete(to);
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        using var copy = Durable.CreatePrivateFile(to);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (piece, bytes) = (new byte[Piece], 0L);
        for (int read; (read = source.Read(piece)) > 0; bytes += read)
        {
            hash.AppendData(piece, 0, read);
            copy.Write(piece, 0, read);
        }

        copy.Flush();
        Durable.Fsync(copy.SafeFileHandle);
        Durable.FsyncDirectory(Path.GetDirectoryName(to)!);
        CrashPoint.Reached((int)BackupCrashAt.FileTaken);
        return new BackedFile(path, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Describes a file that is there already, and makes sure that it is on disk.</summary>
    public static BackedFile Of(string folder, string path)
    {
        using var file = new FileStream(Path.Combine(folder, path), FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        Durable.Fsync(file.SafeFileHandle);
        Durable.FsyncDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
        return new BackedFile(path, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    /// <summary>Whether a file is the one that the manifest means.</summary>
    /// <exception cref="PosthouseException">STORE_CORRUPT: it is missing or another.</exception>
    public static void Demand(string folder, BackedFile expected)
    {
        var path = Path.Combine(folder, expected.Path);
        if (!File.Exists(path)) { throw new PosthouseException(ErrorCodes.StoreCorrupt, $"{path} is missing from the backup. Take another one."); }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.Length != expected.Bytes || Convert.ToHexStringLower(SHA256.HashData(file)) != expected.Hash)
        {
            throw new PosthouseException(ErrorCodes.StoreCorrupt, $"{path} is not what was backed up: it was changed or damaged. Take another backup.");
        }
    }

    private static void MakeFolders(string folder, string path)
    {
        Durable.CreatePrivateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
        for (var made = Path.GetDirectoryName(path); !string.IsNullOrEmpty(made); made = Path.GetDirectoryName(made)) { Durable.FsyncDirectory(Path.Combine(folder, made, "..")); }
    }
}

/// <summary>The moments of a backup and of a restore at which dying matters; see <see cref="CrashPoint"/>.</summary>
internal enum BackupCrashAt
{
    /// <summary>One file more is where it belongs.</summary>
    FileTaken = 301,

    /// <summary>All files are in the backup, and it has no manifest.</summary>
    Unlisted = 302,

    /// <summary>All files are in the station, which is as it was and not ahead.</summary>
    Behind = 303,

    /// <summary>The station is ahead, and still marked as unfinished.</summary>
    Marked = 304,
}
