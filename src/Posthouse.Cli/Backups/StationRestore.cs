using System.Globalization;
using System.Text;
using Posthouse.Cli.Hosting;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Cli.Backups;

/// <summary>
/// Makes a station of a backup. What happened after the backup is not known to it, so everything that only rises goes far ahead of
/// whatever was reached meanwhile — positions of events, cursors of inboxes, fences of jobs, the starts of a node — and the queue is
/// paused: what was done since would be done again, under the same ids, and a person decides when.
/// </summary>
internal static class StationRestore
{
    /// <summary>Stands in the folder until everything is there; no server starts on it.</summary>
    public const string Unfinished = "restore.unfinished";

    /// <summary>How far what only rises is set ahead: more than any station does between two backups, and a millionth of what a cursor can hold.</summary>
    public const long Ahead = 1_000_000_000;

    /// <summary>The same for the fences of one job, which people see: a claim each minute for two years.</summary>
    public const long FencesAhead = 1_000_000;

    /// <summary>Who speaks in the event of a restore.</summary>
    public const string Room = "store";

    /// <summary>Its kind.</summary>
    public const string Restored = "StoreRestored";

    /// <summary>What may lie in an empty folder: the lock that this takes, its own mark, and what a file system puts there.</summary>
    private static readonly string[] _empty = [ServeLock.FileName, Unfinished, "lost+found"];

    /// <summary>Verifies a backup and puts it into a folder; the station is on disk when this returns.</summary>
    /// <param name="backup">The backup's folder.</param>
    /// <param name="station">The data folder to be; empty or missing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it; the folder can then not be served.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the folder is not empty, or there is no backup; STORE_BUSY: a server runs there;
    /// STORE_CORRUPT: a file of the backup is damaged; SCHEMA_NEWER: a newer program wrote it.</exception>
    public static BackupManifest Run(string backup, string station, TimeProvider time, CancellationToken cancellationToken)
    {
        var manifest = BackupManifest.Read(backup);
        // The manifest is asked, for a look into the store would write beside it, and a backup may lie where nobody may write.
        if (manifest.Schema.GetValueOrDefault(StoreOpening.Core.Name) > StoreOpening.Core.Version)
        {
            throw new PosthouseException(ErrorCodes.SchemaNewer, $"The store of {backup} was written by a newer version of this program. Update this program.");
        }

        using var held = ServeLock.Take(station, isRestored: true);
        if (Directory.EnumerateFileSystemEntries(station).FirstOrDefault(path => !_empty.Contains(Path.GetFileName(path))) is { } there)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{station} is not empty: it has {Path.GetFileName(there)}. Move the old station away, or name another folder with --data DIR.");
        }

        foreach (var file in manifest.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CopiedFile.Demand(backup, file);
        }

        Durable.WriteAllBytesAtomically(Path.Combine(station, Unfinished), Encoding.UTF8.GetBytes(backup + "\n"));
        foreach (var file in manifest.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (CopiedFile.Make(Path.Combine(backup, file.Path), station, file.Path) != file)
            {
                throw new PosthouseException(ErrorCodes.StoreCorrupt, $"{Path.Combine(backup, file.Path)} changed while it was copied. Empty {station} and begin again.");
            }
        }

        CrashPoint.Reached((int)BackupCrashAt.Behind);
        GoAhead(Path.Combine(station, StorePlace.DatabaseName), manifest, time);
        CrashPoint.Reached((int)BackupCrashAt.Marked);
        File.Delete(Path.Combine(station, Unfinished));
        Durable.FsyncDirectory(station);
        return manifest;
    }

    private static void GoAhead(string path, BackupManifest manifest, TimeProvider time)
    {
        using var database = SqliteDatabase.Open(path, readOnly: false);
        database.Begin();
        database.Execute("UPDATE sqlite_sequence SET seq = seq + $1 WHERE name = 'event'", Ahead);
        GoAhead(database, manifest.Schema.ContainsKey("ivxp"));
        database.Execute("INSERT INTO event(at, room, subject, kind, owner, body) VALUES ($1, $2, $3, $4, NULL, $5)",
            time.GetUtcNow().ToUnixTimeMilliseconds(), Room, manifest.MadeAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), Restored, Encoding.UTF8.GetBytes("{}"));
        database.Commit();
        database.Checkpoint(truncate: true);
    }

    /// <summary>What is the same in every database: the pause, the fences, the cursors of inboxes.</summary>
    public static void GoAhead(ISqlWrite write, bool sells)
    {
        write.Execute("INSERT INTO pause(scope) VALUES ('all') ON CONFLICT DO NOTHING");
        write.Execute("UPDATE job SET claims = claims + $1 WHERE state < 2 OR (state = 3 AND reason <= 4)", FencesAhead);
        if (sells) { write.Execute("UPDATE ivxp_order SET change_no = change_no + $1 WHERE change_no = (SELECT MAX(change_no) FROM ivxp_order)", Ahead); }
    }
}
