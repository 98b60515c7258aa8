using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Cli.Moving;

/// <summary>What a table was found to be on both sides.</summary>
internal sealed record MovedRows(string Table, long Rows, string Sha256);

/// <summary>How a move ended.</summary>
/// <param name="Tables">Every table, compared by count and hash.</param>
/// <param name="Files">How many files of jobs, each compared by its hash.</param>
/// <param name="FileBytes">Their bytes.</param>
/// <param name="Resumed">Whether an earlier run had begun it.</param>
internal sealed record MoveReport(IReadOnlyList<MovedRows> Tables, int Files, long FileBytes, bool Resumed);

/// <summary>
/// Moves a station's store from its file into a database. The file is read and never changed. What is there already is found by its keys, so that
/// a run that was cut is gone on with; only when all of it was compared does the folder say that its store is elsewhere, and the file gets
/// another name.
/// </summary>
/// <param name="folder">The station's folder.</param>
/// <param name="database">Where to.</param>
/// <param name="files">The shared folder for files, or null: they go into the database.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Told how far it is.</param>
internal sealed class StoreMove(string folder, StationDatabase database, string? files, TimeProvider time, Action<string> tell)
{
    /// <summary>What the file is called afterwards.</summary>
    public const string AsideSuffix = ".moved";

    /// <summary>So many rows are told of in between.</summary>
    private const int TellEvery = 50_000;

    private readonly string _path = Path.Combine(folder, StorePlace.DatabaseName);

    /// <summary>Called after each page and file, where a test may cut the run.</summary>
    internal Action AfterPage { get; init; } = () => { };

    /// <summary>Called when the database has it all and the folder does not say so yet.</summary>
    internal Action BeforeMark { get; init; } = () => { };

    /// <exception cref="PosthouseException">STORE_BUSY: somebody uses one of them. OPTIONS_INVALID: the database holds another store.
    /// STORE_CORRUPT: what arrived is not what was sent. STORE_UNAVAILABLE, and others of the two stores.</exception>
    public MoveReport Run()
    {
        using var held = ServeLock.Take(folder);
        using var source = MoveSource.Open(_path, time);
        var report = CopyAll(source);
        // Who waits at the gate of the file finds the mark before it can write.
        source.Close();
        BeforeMark();
        Leave();
        return report;
    }

    private MoveReport CopyAll(MoveSource source)
    {
        using var target = MoveTarget.Open(database, source.Parts, time);
        var resumed = StationFacts.Find(target.Sql, StationFacts.Moving) == source.Name;
        if (target.Take(source))
        {
            // All was compared, and the run was cut then: since that moment the database is the store, and may have gone on.
            return new MoveReport([.. source.Tables.Select(table => source.Read(read => new MovedRows(table.Name, table.Count(read), table.Hash(read))))], 0, 0, Resumed: true);
        }

        foreach (var table in source.Tables.Where(table => table.Name is not ("station_fact" or MoveTarget.Totals))) { Copy(source, target, table); }
        target.Count(source);
        var moved = CopyFiles(source, target);
        var report = new MoveReport(Compare(source, target), moved.Count, moved.Bytes, resumed);
        target.Finish(source);
        return report;
    }

    private void Copy(MoveSource source, MoveTarget target, MovedTable table)
    {
        var (all, done) = (source.Read(table.Count), table.Count(target.Sql));
        var key = done == 0 ? null : table.LastKey(target.Sql);
        for (var rows = Next(); rows.Count > 0; rows = Next())
        {
            target.Add(table, rows);
            (key, done) = (table.KeyOf(rows[^1]), done + rows.Count);
            if (done / TellEvery > (done - rows.Count) / TellEvery) { tell(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {done} of {all} row(s)")); }
            AfterPage();
        }

        List<SqlValue[]> Next() => source.Read(read => table.After(read, key));
    }

    private (int Count, long Bytes) CopyFiles(MoveSource source, MoveTarget target)
    {
        if (source.Read(read => StationFacts.Find(read, StationFacts.Files)) == SharedFolder.InFolder)
        {
            return files is not null ? (0, 0) : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"Files of this store are in a shared folder, and {StoreKeys.FilesDirectory} names none. Set it to that folder.");
        }

        var from = new FolderVault(Path.Combine(folder, "vault"), time, SystemIds.Instance);
        var to = files is null
            ? (IFileCustody)new PostgresVault(database.WithPassword(), database.Schema, SystemIds.Instance, FolderVault.DefaultMaxFileBytes)
            : new FolderVault(SharedFolder.Claim(files, source.Name.Split(':')[0]), time, SystemIds.Instance);
        var (there, here) = (to.List().ToHashSet(StringComparer.Ordinal), from.List().ToHashSet(StringComparer.Ordinal));
        var (count, bytes) = (0, 0L);
        foreach (var (hash, size, isUsed) in source.Read(read => read.Query(
            "SELECT hash, size, EXISTS (SELECT 1 FROM job_file WHERE job_file.hash = vault_file.hash) FROM vault_file ORDER BY hash", row => (row.Text(0), row.Int64(1), row.Int64(2) == 1))))
        {
            // What was staged and never used need not be there.
            if (!here.Contains(hash) && !isUsed) { continue; }
            if (!there.Contains(hash))
            {
                CopyFile(to, hash);
                AfterPage();
            }

            Read(to, hash);
            (count, bytes) = (count + 1, bytes + size);
        }

        if (files is not null) { target.Note(StationFacts.Files, SharedFolder.InFolder); }
        if (count > 0) { tell(string.Create(CultureInfo.InvariantCulture, $"files: {count}, {bytes} bytes")); }
        return (count, bytes);
    }

    private void CopyFile(IFileCustody to, string hash)
    {
        var stored = to.StageAsync(JobFile.FromPath(Path.Combine(folder, "vault", hash[..2], hash[2..])), _ => Task.CompletedTask).GetAwaiter().GetResult();
        if (stored.Hash != hash)
        {
            to.Delete(stored.Hash);
            throw new PosthouseException(ErrorCodes.FileDamaged, $"The stored file {hash} is damaged: its bytes are not those that were put there. Discard its job, or put the file back from a backup.");
        }
    }

    /// <summary>Reads a file to its end, which checks it.</summary>
    private static void Read(IFileCustody custody, string hash)
    {
        using var stream = custody.Open(hash);
        stream.CopyTo(Stream.Null);
    }

    private List<MovedRows> Compare(MoveSource source, MoveTarget target)
    {
        var compared = new List<MovedRows>();
        foreach (var table in source.Tables.Where(table => table.Name != "station_fact"))
        {
            var (sent, arrived) = (source.Read(read => (table.Count(read), table.Hash(read))), (table.Count(target.Sql), table.Hash(target.Sql)));
            if (sent != arrived)
            {
                throw new PosthouseException(ErrorCodes.StoreCorrupt,
                    string.Create(CultureInfo.InvariantCulture, $"{table.Name} has {sent.Item1} row(s) in the file and {arrived.Item1} in the database, or not the same ones. Nothing was changed in the file; empty the schema and move again."));
            }

            compared.Add(new MovedRows(table.Name, sent.Item1, sent.Item2));
            if (sent.Item1 > 0) { tell(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {sent.Item1} row(s), the same on both sides")); }
        }

        return compared;
    }

    /// <summary>From here on the folder's store is the database. Dying between the two steps leaves a file that no server takes, because of the mark.</summary>
    private void Leave()
    {
        StoreMark.Write(folder, database.Shown);
        foreach (var suffix in new[] { "-wal", "-shm", "" })
        {
            if (File.Exists(_path + suffix)) { File.Move(_path + suffix, _path + AsideSuffix + suffix, overwrite: true); }
        }
    }
}
