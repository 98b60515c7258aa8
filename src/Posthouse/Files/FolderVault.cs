using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Files;

/// <summary>
/// File custody in a folder: <c>ab/cdef…</c> for the hash <c>abcdef…</c>, and <c>tmp</c> for copies under way. Folders and files
/// are for this user alone. Inside the vault no link is followed.
/// </summary>
public sealed class FolderVault : IFileCustody
{
    /// <summary>Most bytes of one file unless said otherwise: all that a queue takes by default.</summary>
    public const long DefaultMaxFileBytes = 8L << 30;

    /// <summary>The age at which a copy that was never finished is removed: no run takes an hour from its last byte to its name.</summary>
    public static readonly TimeSpan LeftoverAge = TimeSpan.FromHours(1);

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly string _folder;
    private readonly string _unfinished;
    private readonly long _maxFileBytes;
    private readonly IIds _ids;

    /// <summary>Opens the vault, making it where it is missing, and removes what dead runs left in it.</summary>
    /// <param name="folder">The vault's folder, which is its alone.</param>
    /// <param name="time">Tells the age of leftovers.</param>
    /// <param name="ids">Names temporary files.</param>
    /// <param name="maxFileBytes">Most bytes of one file.</param>
    /// <param name="logger">Hears of leftovers.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: the folder cannot be used.</exception>
    public FolderVault(string folder, TimeProvider time, IIds ids, long maxFileBytes = DefaultMaxFileBytes, ILogger<FolderVault>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _folder = Path.GetFullPath(folder);
        _unfinished = Path.Combine(_folder, "tmp");
        (_ids, _maxFileBytes) = (ids, maxFileBytes);
        Write(() =>
        {
            MakeFolder(_folder);
            MakeFolder(_unfinished);
            var removed = RemoveLeftovers(time.GetUtcNow().UtcDateTime - LeftoverAge);
            if (removed > 0)
            {
                (logger ?? NullLogger<FolderVault>.Instance).VaultOrphansRemoved(removed, _folder);
            }
        });
    }

    /// <inheritdoc/>
    public async Task<StoredFile> StageAsync(JobFile file, Func<StoredFile, Task> register, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(register);
        using var source = SourceFile.Open(file, _maxFileBytes);
        var copy = Path.Combine(_unfinished, $"{_ids.NextUInt64():x16}{_ids.NextUInt64():x16}");
        try
        {
            // If the process dies in here, a leftover stands in tmp and nobody knows it.
            var stored = Write(() => Copy(source, copy, cancellationToken));

            CrashPoint.Reached(CrashAt.FileCopied);

            // If it dies from here on, the hash is staged for an hour; freeing then finds the bytes or finds none.
            await register(stored);
            CrashPoint.Reached(CrashAt.FileRegistered);

            // Always: bytes that stand there already may be freed at this moment, by a process that looked before the registration.
            Write(() =>
            {
                var path = PathOf(stored.Hash);
                MakeFolder(Path.GetDirectoryName(path)!);
                Durable.Rename(copy, path);
            });
            CrashPoint.Reached(CrashAt.FileNamed);
            return stored;
        }
        catch
        {
            if (File.Exists(copy))
            {
                File.Delete(copy);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public Stream Open(string hash)
    {
        try
        {
            var path = PathOf(hash);
            var file = Durable.OpenUnlinked(Path.GetDirectoryName(path)!, Path.GetFileName(path));
            return new VerifyingStream(new FileStream(file, FileAccess.Read, bufferSize: 0), hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.FileDamaged, $"The stored file {hash} cannot be read any more: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Delete(string hash)
    {
        try
        {
            File.Delete(PathOf(hash));
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing with such a beginning was ever kept.
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> List() =>
        from folder in Directory.EnumerateDirectories(_folder)
        from file in Directory.EnumerateFiles(folder)
        let hash = Path.GetFileName(folder) + Path.GetFileName(file)
        where IsHash(hash) && Path.GetFileName(folder).Length == 2
        select hash;

    private static StoredFile Copy(SourceFile source, string to, CancellationToken cancellationToken)
    {
        using var file = Durable.CreatePrivateFile(to);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        source.ReadAll(
            piece =>
            {
                hash.AppendData(piece);
                file.Write(piece);
            },
            cancellationToken);
        file.Flush();
        Durable.Fsync(file.SafeFileHandle);
        return new StoredFile(Convert.ToHexStringLower(hash.GetHashAndReset()), source.Length);
    }

    /// <summary>Makes one folder in another that is there, for this user alone, and returns when its name is on the disk.</summary>
    internal static void MakeFolder(string folder)
    {
        Durable.CreatePrivateDirectory(folder);

        // Even if it was there: another process may have made it a moment ago and not be so far yet.
        Durable.FsyncDirectory(Path.GetDirectoryName(folder)!);
    }

    private int RemoveLeftovers(DateTime before)
    {
        var removed = 0;
        foreach (var path in Directory.EnumerateFiles(_unfinished))
        {
            if (File.GetLastWriteTimeUtc(path) < before)
            {
                File.Delete(path);
                removed++;
            }
        }

        return removed;
    }

    private string PathOf(string hash) => IsHash(hash)
        ? Path.Combine(_folder, hash[..2], hash[2..])
        : throw new PosthouseException(ErrorCodes.FileDamaged, $"\"{hash}\" is no SHA-256 in lower-case hex, so no file is stored under it.");

    private static bool IsHash(string? hash) => hash?.Length == 64 && !hash.AsSpan().ContainsAnyExcept(HexDigits);

    private static void Write(Action write) => Write(() =>
    {
        write();
        return true;
    });

    private static T Write<T>(Func<T> write)
    {
        // ENOSPC and EDQUOT as Unix numbers, ERROR_DISK_FULL as Windows says it.
        const int NoSpace = 28;
        const int QuotaLinux = 122;
        const int DiskFull = unchecked((int)0x8007_0070);
        try
        {
            return write();
        }
        catch (IOException e) when (e.HResult is NoSpace or QuotaLinux or DiskFull)
        {
            throw new PosthouseException(ErrorCodes.StoreFull, "The disk of the vault is full; the file was not kept. Make room and try again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable, $"The vault cannot be written: {e.Message}", e);
        }
    }
}
