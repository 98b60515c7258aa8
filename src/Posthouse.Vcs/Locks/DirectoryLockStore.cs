using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Posthouse.Storage;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Registers in a folder that all clones reach, for example on a file server: one file for each record, named by its number, which
/// the file system gives to one writer only. Needs no program and no server of its own; a push cannot be fenced with it.
/// </summary>
/// <remarks>
/// A version is the number of the newest file. A file gets its name when its bytes are complete, so none is ever seen half. The newest
/// file is never removed; of the older ones the last <see cref="LockProtocol.CompactEvery"/> stay as a trail.
/// </remarks>
public sealed class DirectoryLockStore : ILockStore
{
    private const string Suffix = ".json";
    private const string NameFormat = "D10"; // So that a listing by name is one by number.

    private readonly string _root;

    private readonly string? _share;

    private DirectoryLockStore(string root, string? share = null) => (_root, _share) = (root, share);

    /// <inheritdoc/>
    public LockCapabilities Capabilities => LockCapabilities.AtomicCas | LockCapabilities.Expiry | LockCapabilities.Paths | LockCapabilities.Renewal;

    /// <summary>Makes a folder one that holds locks. One that does already is left as it is.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <exception cref="VcsException">It is not there, a program copies it between machines, or its file system cannot decide races.</exception>
    public static void Create(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw Away(folder);
        if (LockFolder.Objection(folder) is { } objection)
            throw new VcsException(objection);
        LockFolder.Mark(folder);
    }

    /// <summary>The registers of a folder that <see cref="Create"/> was called for.</summary>
    /// <exception cref="VcsException">NETWORK_UNAVAILABLE: the folder, or its mark, is not there, as when a share is not mounted.</exception>
    public static DirectoryLockStore Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        // An empty mount point must not pass for a share without locks.
        return LockFolder.IsMarked(folder) ? new DirectoryLockStore(Path.GetFullPath(folder)) : throw Away(folder);
    }

    /// <summary>
    /// The registers of one project among several in a folder that <see cref="Create"/> was called for. The folder may be away now:
    /// then each operation says so, until it is back.
    /// </summary>
    /// <param name="share">The folder.</param>
    /// <param name="project">The project's name, the same for all who share it.</param>
    internal static DirectoryLockStore Under(string share, string project) => new(Path.Combine(Path.GetFullPath(share), project), Path.GetFullPath(share));

    /// <inheritdoc/>
    public ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Guarded(() => Newest(key)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LockSnapshot> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask; // A folder answers at once.
        foreach (var folder in Guarded(() => Directory.GetDirectories(_root)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A record that cannot be read, or lies where its path does not belong, has no key to show it under.
            if (Guarded(() => RecordAt(folder, Numbers(folder).Max)) is { } record && KeyOf(record.Path) is { } key && key.Hex == Path.GetFileName(folder))
                yield return Guarded(() => Newest(key));
        }
    }

    /// <inheritdoc/>
    public ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        cancellationToken.ThrowIfCancellationRequested();
        var number = NumberOf(expected) + 1;
        try
        {
            return new(Write(key, number, next));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(After(e, key, number, next));
        }
    }

    private static VcsException Away(string folder) => new(new RemoteFailure(FailureCategory.Network, $"No folder of locks is at {folder}.")
    {
        Hint = "If it is on a share, connect that. A new one is made with `posthouse init`.",
    });

    private static long NumberOf(VersionToken version) => version.Value is { } text ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    private static VersionToken VersionOf(long number) => number == 0 ? VersionToken.Absent : new(number.ToString(CultureInfo.InvariantCulture));

    private static string PathOf(string folder, long number) => Path.Combine(folder, number.ToString(NameFormat, CultureInfo.InvariantCulture) + Suffix);

    private static bool IsSame(LockRecord? there, LockRecord next) => there is not null && there.OpId == next.OpId && there.Owner.IsSame(next.Owner);

    private static ResourceKey? KeyOf(string path)
    {
        try
        {
            return ResourceKey.Of(path);
        }
        catch (PosthouseException)
        {
            return null; // Written by hand.
        }
    }

    private static SortedSet<long> Numbers(string folder)
    {
        var numbers = new SortedSet<long> { 0 };
        if (!Directory.Exists(folder))
            return numbers;
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Suffix))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
        }

        return numbers;
    }

    private static LockRecord? RecordAt(string folder, long number)
    {
        try
        {
            return number == 0 ? null : LockRecordJson.TryRead(File.ReadAllBytes(PathOf(folder, number)));
        }
        catch (FileNotFoundException)
        {
            return null; // Cleared away since, for there are many newer ones.
        }
    }

    private CasOutcome Write(ResourceKey key, long number, LockRecord next)
    {
        if (!IsThere())
            return new CasOutcome.Refused(Away(_share ?? _root).Failure);
        var folder = FolderOf(key);
        Directory.CreateDirectory(folder);
        var draft = Path.Combine(folder, $".{DraftName(next)}.tmp");
        try
        {
            using (var file = new FileStream(draft, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 }))
            {
                file.Write(LockRecordJson.Write(next));
                Durable.Fsync(file.SafeFileHandle);
            }

            var won = Durable.TryName(draft, PathOf(folder, number));
            return Judge(key, number, next, won);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>A number that was cleared away could be given a second time to one who read it long ago: only the newest one counts.</summary>
    private CasOutcome Judge(ResourceKey key, long number, LockRecord next, bool isNamed)
    {
        var folder = FolderOf(key);
        var numbers = Numbers(folder);
        var there = isNamed ? next : RecordAt(folder, number);
        if (IsSame(there, next) && numbers.Max == number)
        {
            foreach (var old in numbers.Where(old => old > 0 && old <= number - LockProtocol.CompactEvery))
                File.Delete(PathOf(folder, old));
            return new CasOutcome.Won(VersionOf(number), null, there == next ? null : there);
        }

        if (isNamed)
            File.Delete(PathOf(folder, number));
        return new CasOutcome.Lost(Newest(key));
    }

    private CasOutcome After(Exception e, ResourceKey key, long number, LockRecord next)
    {
        var failure = new RemoteFailure(e is UnauthorizedAccessException ? FailureCategory.Forbidden : FailureCategory.Local, $"The folder of locks could not be written: {e.Message}");
        try
        {
            return IsSame(RecordAt(FolderOf(key), number), next) ? new CasOutcome.Unknown(failure with { Category = FailureCategory.Ambiguous }) : new CasOutcome.Refused(failure);
        }
        catch (Exception again) when (again is IOException or UnauthorizedAccessException)
        {
            return new CasOutcome.Unknown(failure with { Category = FailureCategory.Ambiguous });
        }
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return IsThere() ? read() : throw Away(_share ?? _root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VcsException(new RemoteFailure(FailureCategory.Local, $"The folder of locks could not be read: {e.Message}"), e);
        }
    }

    /// <summary>Whether the folder is there. A project's own is made when it is first needed, in a folder that has the mark.</summary>
    private bool IsThere()
    {
        if (LockFolder.IsMarked(_root))
            return true;
        if (_share is null || !LockFolder.IsMarked(_share))
            return false;
        Directory.CreateDirectory(_root);
        LockFolder.Mark(_root);
        return true;
    }

    private LockSnapshot Newest(ResourceKey key)
    {
        var folder = FolderOf(key);
        var number = Numbers(folder).Max;
        return new LockSnapshot(key, VersionOf(number), RecordAt(folder, number));
    }

    private string FolderOf(ResourceKey key) => Path.Combine(_root, key.Hex);

    /// <summary>Another for each operation of each machine, and the same when a try is repeated, so that no draft is left for ever.</summary>
    private static string DraftName(LockRecord next) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{next.Owner.MachineId}\n{next.Owner.CloneId}\n{next.OpId}\n{Environment.ProcessId}")))[..16];
}
