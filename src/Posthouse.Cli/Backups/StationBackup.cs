using Posthouse.Cli.Hosting;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Hosting;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Cli.Backups;

/// <summary>
/// Copies a station to a folder, with or without a server running on it. The store's copy is one state of it, made by SQLite itself, and
/// each file that its jobs refer to is there: a file that was known before the copy is taken before it, and one that came later is not
/// swept within its staging hour.
/// </summary>
/// <param name="station">The server's data folder.</param>
/// <param name="target">Where to; empty or missing.</param>
/// <param name="time">The clock.</param>
internal sealed class StationBackup(string station, string target, TimeProvider time)
{
    /// <summary>Parts of a pocket: who restored one would pay again what was paid since.</summary>
    private static readonly string[] _pocketParts = ["ivxp_buyer", "vcs"];

    private readonly SortedDictionary<string, BackedFile> _files = new(StringComparer.Ordinal);

    /// <summary>The file of the wallet's key that is configured, in full; null: the one of the folder.</summary>
    public string? Wallet { get; init; }

    /// <summary>What could not be had and can be done without.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Makes the backup; it is on disk when this returns.</summary>
    /// <param name="withKeys">Whether the keys that lie in the folder go along.</param>
    /// <param name="cancellationToken">Ends it; what is there then is no backup.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: there is no store; OPTIONS_INVALID: the target is not empty, or the store is no station's;
    /// FILE_DAMAGED: a file that a job needs is not what it was.</exception>
    public BackupManifest Run(bool withKeys, CancellationToken cancellationToken)
    {
        var database = Path.Combine(station, StorePlace.DatabaseName);
        using var reader = StoreReader.TryOpen(database) ?? throw new PosthouseException(ErrorCodes.StoreUnavailable,
            $"There is no store at {database}. Name the server's folder with --data DIR.");
        if (reader.Read(Parts).Keys.FirstOrDefault(part => _pocketParts.Contains(part)) is not null)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{station} is somebody's pocket: one that was put back would pay again what was paid since. Only stations are backed up.");
        }

        if (reader.Read(StationFacts.FilesAreInFolder))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"Files and results of {station} lie in the folder of {StoreKeys.FilesDirectory}, which others may use, too, and is not copied by this. 'Backups' in docs/operations.md says how both are.");
        }

        TakeTarget();
        foreach (var hash in reader.Read(read => read.Query("SELECT hash FROM vault_file ORDER BY hash", row => row.Text(0)))) { Keep(hash, isNeeded: false, cancellationToken); }
        Snapshot(database, StorePlace.DatabaseName);
        var (schema, open, last, needed) = Settle();
        foreach (var hash in needed) { Keep(hash, isNeeded: true, cancellationToken); }
        Forget([.. needed]);
        KeepMesh();
        if (withKeys) { KeepKeys(); }
        var manifest = new BackupManifest(time.GetUtcNow(), open, last, withKeys, schema, [.. _files.Values]);
        CrashPoint.Reached((int)BackupCrashAt.Unlisted);
        manifest.Write(target);
        Durable.FsyncDirectory(Path.GetDirectoryName(target)!);
        return manifest;
    }

    private void Add(BackedFile file) => _files.Add(file.Path, file);

    private static Dictionary<string, int> Parts(IRead read) =>
        read.Query("SELECT name, version FROM schema_part", row => (Name: row.Text(0), Version: (int)row.Int64(1))).ToDictionary(part => part.Name, part => part.Version, StringComparer.Ordinal);

    private void TakeTarget()
    {
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{target} is not empty; name a new folder for each backup.");
        }

        Durable.CreatePrivateDirectory(target);
    }

    /// <summary>A copy by SQLite: one state of the file, without waiting for writers or holding them up.</summary>
    private void Snapshot(string from, string path)
    {
        var to = Path.Combine(target, path);
        Durable.CreatePrivateDirectory(Path.GetDirectoryName(to)!);
        // It must exist and be empty for the statement below to leave it private.
        Durable.CreatePrivateFile(to).Dispose();
        using var database = SqliteDatabase.Open(from, readOnly: true);
        database.Execute("VACUUM INTO $1", to);
    }

    /// <summary>Looks into the copy and closes it, so that nothing of it is in a log.</summary>
    private (Dictionary<string, int> Schema, long Open, long Last, List<string> Needed) Settle()
    {
        (Dictionary<string, int>, long, long, List<string>) found;
        using (var copy = SqliteDatabase.Open(Path.Combine(target, StorePlace.DatabaseName), readOnly: false))
        {
            found = (Parts(copy), JobReads.Count(copy).Open, JobReads.LastPosition(copy), copy.Query("SELECT DISTINCT hash FROM job_file ORDER BY hash", row => row.Text(0)));
            copy.Checkpoint(truncate: true);
        }

        Add(CopiedFile.Of(target, StorePlace.DatabaseName));
        return found;
    }

    /// <summary>Copies a file of the vault, unless that was done; the name is its hash.</summary>
    private void Keep(string hash, bool isNeeded, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = $"vault/{hash[..2]}/{hash[2..]}";
        if (_files.ContainsKey(path)) { return; }

        try
        {
            var copied = CopiedFile.Make(Path.Combine(station, path), target, path);
            if (copied.Hash == hash) { Add(copied); }
            else if (isNeeded) { throw Damaged(hash, "its bytes are others"); }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // A file that nobody refers to may go at any time.
            if (isNeeded) { throw Damaged(hash, "it is not there"); }
        }
    }

    private PosthouseException Damaged(string hash, string why) => new(ErrorCodes.FileDamaged,
        $"The file {hash} of {Path.Combine(station, "vault")}, which a job refers to, is damaged: {why}. 'posthouse queue list' shows the jobs; discard the one, and make the backup again.");

    /// <summary>Takes away what only jobs that ended before the store was copied had.</summary>
    private void Forget(HashSet<string> needed)
    {
        foreach (var file in _files.Values.Where(file => file.Path.StartsWith("vault/", StringComparison.Ordinal) && !needed.Contains(file.Hash)).ToList())
        {
            File.Delete(Path.Combine(target, file.Path));
            _files.Remove(file.Path);
        }
    }

    /// <summary>Prices can be had again, so what is wrong with them stops nothing. The count of starts stays behind: see <see cref="StationRestore"/>.</summary>
    private void KeepMesh()
    {
        var path = $"{ServeMesh.Folder}/{PriceFile.FileName}";
        if (!File.Exists(Path.Combine(station, path))) { return; }

        try
        {
            Snapshot(Path.Combine(station, path), path);
            Add(CopiedFile.Of(target, path));
        }
        catch (PosthouseException error)
        {
            File.Delete(Path.Combine(target, path));
            Warnings.Add($"The prices are not in it: {error.Message}");
        }
    }

    private void KeepKeys()
    {
        List<string> names = [WalletFile.Station, .. Keys(ServeMesh.Folder)];
        if (Wallet is not null && Path.GetRelativePath(station, Wallet) is var own && !Path.IsPathRooted(own) && !own.StartsWith("..", StringComparison.Ordinal)) { names.Add(own); }
        else if (Wallet is not null) { Warnings.Add($"The wallet's key, {Wallet}, lies elsewhere and is not in it: keep a copy of it."); }

        foreach (var path in names.Distinct().Where(path => File.Exists(Path.Combine(station, path)))) { Add(CopiedFile.Make(Path.Combine(station, path), target, path)); }
    }

    /// <summary>The node's key, those before and after it, what they said of each other, and its operator's token.</summary>
    private IEnumerable<string> Keys(string folder) => !Directory.Exists(Path.Combine(station, folder)) ? [] :
        Directory.EnumerateFiles(Path.Combine(station, folder)).Select(path => Path.GetFileName(path))
            .Where(name => name.StartsWith(NodeParts.KeyFile, StringComparison.Ordinal) || name is NodeKeys.SuccessionFile or OperatorToken.FileName)
            .Where(name => !name.EndsWith(".tmp", StringComparison.Ordinal)).Select(name => $"{folder}/{name}");
}
